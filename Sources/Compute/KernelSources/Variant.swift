/// The kernels compiled for one instruction set, the one this module is named after. All such modules share these
/// sources; only Instructions.swift, TileShapes.swift and Tiles.swift differ.
public enum Variant {}
