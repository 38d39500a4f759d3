import JSON
import Kernels

/// Why a model file could not be opened, understood or written. The description is one line.
public enum ModelFileError: JSONFailure, Equatable {
    /// There is no such directory or file; maybe the name of a model on Hugging Face's Hub.
    case noDirectory(String)
    /// The directory holds no weights.
    case noModel(directory: String)
    /// A directory or file that is something else than a model.
    case notAModel(path: String, reason: String)
    /// The system refused to open or read a file.
    case cannotRead(file: String, reason: String)
    /// The system refused to write a file.
    case cannotWrite(file: String, reason: String)
    /// A safetensors file that ends before its header's length.
    case tooShort(file: String, byteCount: Int)
    /// A header that would end past the end of its file.
    case headerPastEnd(file: String, length: UInt64, available: Int)
    /// A header or JSON document above the limit.
    case tooLong(file: String, length: UInt64, limit: Int)
    /// Text that is not the JSON expected; the offset counts bytes from the start of the JSON.
    case invalidJSON(file: String, offset: Int, reason: String)
    /// Something else under the file's name, such as a Git LFS pointer or a web page; see `damagedDownload`.
    case damaged(file: String, reason: String)
    /// More of something than is allowed.
    case tooMany(file: String, what: String, limit: Int)
    /// A field that has to be there; `tensor` is nil for a field of the document itself.
    case missingField(file: String, tensor: String?, field: String)
    /// A `dtype` that the format does not know.
    case unknownType(file: String, tensor: String, type: String)
    /// A shape whose size is negative, overflows, or is no whole number of bytes.
    case invalidShape(file: String, tensor: String, type: ElementType, shape: [Int])
    /// `data_offsets` that run backwards or past the data.
    case offsetsOutOfRange(file: String, tensor: String, begin: Int, end: Int, available: Int)
    /// `data_offsets` whose length is not that of shape and type.
    case sizeMismatch(file: String, tensor: String, offsetBytes: Int, shapeBytes: Int)
    /// Two tensors that share bytes: one begins before the other ends.
    case overlap(file: String, tensor: String, begin: Int, other: String, otherEnd: Int)
    /// Bytes of the data, from `begin` to `end`, that belong to no tensor.
    case gap(file: String, begin: Int, end: Int)
    /// An index that names a file outside its directory.
    case invalidShardName(file: String, name: String)
    /// An index that places a tensor in a file that does not hold it.
    case notInShard(index: String, tensor: String, shard: String)
    /// A tensor that is there twice.
    case duplicateTensor(tensor: String, file: String, other: String)
    /// A tensor that the model has to have.
    case missingTensor(tensor: String, directory: String)
    /// A pickle that breaks off, contradicts itself or asks for what no tensor needs; the offset counts bytes from the
    /// start of the pickle.
    case invalidPickle(file: String, offset: Int, reason: String)
    /// A file that is no PyTorch checkpoint, or one that cannot be used; `tensor` is nil for the file as a whole.
    case pyTorch(file: String, tensor: String?, reason: String)
    /// A tensor that may have a part in the computation, and nobody knows which.
    case unknownTensor(tensor: String, file: String)
    /// A tensor under a name of GPT-2's with something before it that no known writer puts there.
    case unknownPrefix(String, tensor: String, file: String)
    /// A configuration that says the output head is not the token embedding, and no head.
    case untiedHead(directory: String)
    /// A tensor of another shape than the configuration says.
    case wrongShape(file: String, tensor: String, found: [Int], expected: [Int])
    /// A tensor of a type that cannot be used for what it is.
    case wrongType(file: String, tensor: String, found: ElementType, expected: Set<ElementType>)
    /// A weight that is infinite or not a number, or greater than the type it is asked for in holds.
    case unusableWeight(file: String, tensor: String, reason: String)
    /// Bytes handed to the writer for another tensor than the one that is due, or more than it takes.
    case unexpectedBytes(file: String, tensor: String, reason: String)
    /// A string of a file's metadata that says what this program does not know, or not what the file is.
    case metadata(file: String, field: String, reason: String)
    /// A configuration that is missing, unreadable or asks for what is not computed; `field` is nil for the file as a
    /// whole.
    case configuration(file: String, field: String?, reason: String)
    /// A packed model has its weights in one type, and another one was asked for.
    case packedType(PackedType, wanted: PackedType, directory: String)
    /// A model that is packed already and so cannot be packed in another type.
    case packed(directory: String)
    /// Memory or processor do not suffice for the weights.
    case kernels(KernelsError)
    /// A file finished before all declared bytes were written.
    case unfinished(file: String, tensor: String, written: Int, byteCount: Int)
}

extension ModelFileError: CustomStringConvertible {
    /// One line that names the file, the tensor and the numbers.
    public var description: String {
        switch self {
        case .noDirectory(let path): "\(path): \(HubName(path)?.missing ?? "no such directory or file")"
        case .noModel(let directory):
            "\(directory): holds no weights: no model.safetensors or pytorch_model.bin, no index of several, "
                + "no other .safetensors, .bin or .pt"
        case .notAModel(let path, let reason): "\(path): \(reason)"
        case .unknownTensor(let tensor, let file):
            "\(file): tensor \(quoted(tensor)) is none of a GPT-2's, and may change the numbers"
        case .unknownPrefix(let prefix, let tensor, let file):
            "\(file): tensor \(quoted(tensor)): its name is GPT-2's behind \(quoted(prefix)), which is no prefix that is "
                + "known; save the model within it by itself, or take the prefix away from all names"
        case .untiedHead(let directory):
            "\(directory): config.json says tie_word_embeddings false, and there is no tensor \"lm_head.weight\"; "
                + "the weights are incomplete"
        case .cannotRead(let file, let reason): "\(file): cannot be read: \(reason)"
        case .cannotWrite(let file, let reason): "\(file): cannot be written: \(reason)"
        case .tooShort(let file, let byteCount):
            "\(file): \(byteCount) bytes long, a safetensors file begins with the 8 bytes of its header's length"
        case .headerPastEnd(let file, let length, let available):
            "\(file): header length \(length) is past the end of the file, \(available) bytes follow; "
                + "the file is cut short or no safetensors file"
        case .tooLong(let file, let length, let limit): "\(file): \(length) bytes of JSON, the limit is \(limit)"
        case .invalidJSON(let file, let offset, let reason): "\(file): byte \(offset) of the JSON: \(reason)"
        case .damaged(let file, let reason): "\(file): \(reason)"
        case .tooMany(let file, let what, let limit): "\(file): more than \(limit) \(what)"
        case .invalidShardName(let file, let name): "\(file): weight_map: \(quoted(name)) is no plain file name"
        case .missingField(let file, let tensor, let field):
            if let tensor { "\(file): tensor \(quoted(tensor)) has no \(field)" } else { "\(file): has no \(field)" }
        case .unknownType(let file, let tensor, let type):
            "\(file): tensor \(quoted(tensor)): unknown dtype \(quoted(type))"
        case .invalidShape(let file, let tensor, let type, let shape):
            "\(file): tensor \(quoted(tensor)): shape \(shape) of \(type.rawValue) has no valid size in bytes"
        case .offsetsOutOfRange(let file, let tensor, let begin, let end, let available):
            "\(file): tensor \(quoted(tensor)): data_offsets [\(begin), \(end)] do not lie in the "
                + "\(available) bytes of data; the file is cut short or damaged"
        case .sizeMismatch(let file, let tensor, let offsetBytes, let shapeBytes):
            "\(file): tensor \(quoted(tensor)): data_offsets span \(offsetBytes) bytes, "
                + "shape and dtype take \(shapeBytes)"
        case .overlap(let file, let tensor, let begin, let other, let otherEnd):
            "\(file): tensor \(quoted(tensor)) begins at \(begin), before \(quoted(other)) ends at \(otherEnd)"
        case .gap(let file, let begin, let end):
            "\(file): bytes \(begin) to \(end) of the data belong to no tensor"
        case .notInShard(let index, let tensor, let shard):
            "\(index): weight_map: tensor \(quoted(tensor)) is not in \(shard)"
        case .duplicateTensor(let tensor, let file, let other):
            "\(file): tensor \(quoted(tensor)) is " + (file == other ? "there twice" : "also in \(other)")
        case .missingTensor(let tensor, let directory): "\(directory): the model has no tensor \(quoted(tensor))"
        case .wrongShape(let file, let tensor, let found, let expected):
            "\(file): tensor \(quoted(tensor)) has shape \(found), expected \(expected)"
        case .wrongType(let file, let tensor, let found, let expected):
            "\(file): tensor \(quoted(tensor)) has dtype \(found.rawValue), expected "
                + expected.map(\.rawValue).sorted().joined(separator: ", ")
        case .invalidPickle(let file, let offset, let reason): "\(file): byte \(offset) of the pickle: \(reason)"
        case .pyTorch(let file, let tensor?, let reason): "\(file): tensor \(quoted(tensor)): \(reason)"
        case .pyTorch(let file, nil, let reason): "\(file): \(reason)"
        case .unexpectedBytes(let file, let tensor, let reason), .unusableWeight(let file, let tensor, let reason):
            "\(file): tensor \(quoted(tensor)): \(reason)"
        case .metadata(let file, let field, let reason): "\(file): metadata: \(field) \(reason)"
        case .configuration(let file, let field?, let reason): "\(file): \(field): \(reason)"
        case .configuration(let file, nil, let reason): "\(file): \(reason)"
        case .packed(let directory): "\(directory): the model is packed already; pack the one that it was made of"
        case .packedType(let type, let wanted, let directory):
            "\(directory): the model is packed as \(type.rawValue), and \(wanted.rawValue) is asked for"
        case .kernels(let error): error.description
        case .unfinished(let file, let tensor, let written, let byteCount):
            "\(file): tensor \(quoted(tensor)): only \(written) of \(byteCount) bytes written"
        }
    }
}
