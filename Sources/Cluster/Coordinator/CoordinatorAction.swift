import Engine

/// What one of the coordinator's state machines asks its shell to perform.
enum CoordinatorAction {
    case membership(MembershipAction)
    case request(RequestAction)

    func isMessage(to client: ClientID) -> Bool {
        guard case .request(.send(_, let receiver)) = self else { return false }
        return receiver == client
    }
}
