/// Hears how far a stage is with a batch, on the thread that runs it; the batch waits meanwhile.
public protocol StageObserver: AnyObject {
    /// A layer is finished, or a piece of the head that is not the last.
    func partFinished()
    /// Little is left to do. Once for each batch.
    func endIsNear()
}
