import GPT2
import Messages
import ModelFiles
import Transport
import Wire

extension Hello {
    /// How a worker introduces itself.
    /// - Throws: `TransportError` where its address cannot be put into words.
    init(_ configuration: WorkerConfiguration, model: LocalModel, bound: Endpoint) throws(TransportError) {
        // "*": the address at which the coordinator sees this worker.
        let endpoint = try Endpoint(host: configuration.advertisedHost ?? "*", port: bound.port)
        self.init(
            name: configuration.name, hostID: configuration.machine.hostID, dataEndpoint: endpoint.description,
            configurationSHA256: model.configurationDigest.bytes)
        protocolMinimum = ProtocolVersion.supported.lowerBound
        protocolMaximum = ProtocolVersion.supported.upperBound
        software = configuration.software
        cores = UInt32(configuration.machine.threads)
        memoryBytes = UInt64(configuration.machine.memoryBytes)
        instructionSet = PipelineStage.instructionSet
        digests = model.knownDigests()
        pinnedLayers = configuration.pinnedLayers.map { UInt32($0.lowerBound)...UInt32($0.upperBound) }
        numericsVersion = PipelineStage.numericsVersion
        kvMemoryBytes = configuration.kvMemoryBytes.map { UInt64($0) }
    }
}
