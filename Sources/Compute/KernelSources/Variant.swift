/// The kernels as compiled for one instruction set, the one this module is named after. The same sources make every
/// such module; Instructions.swift alone differs.
public enum Variant {}
