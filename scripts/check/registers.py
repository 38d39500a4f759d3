#!/usr/bin/env python3
"""Checks that instructions beyond plain x86-64 stay inside the modules that are compiled for them.

usage: scripts/check/registers.py              checks the release build; one line for each violation, exit code 1
       scripts/check/registers.py --self-test  checks the check itself on made-up objects

The processor that runs a program decides at run time which variant of the kernels is called, so a register of AVX or
AVX-512 in any other function would end the program on an older one. And where two objects define the same weak symbol
the linker keeps either: a function of a variant must therefore be in no other module.
"""
import collections
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

# What each module of ours may use; plain x86-64 where it is not listed.
ALLOWED = {"KernelsAVX2": {"AVX"}, "KernelsAVX512": {"AVX", "AVX-512"}}

# Register or mask of AVX-512, whatever the instruction.
AVX512_OPERAND = re.compile(r"%zmm|%k[0-7]|%[xy]mm(?:1[6-9]|2\d|3[01])|\{1to\d+\}")
# Beside the mnemonics with v, those that came with AVX2's generation; lzcnt is another instruction on older processors.
AVX_MNEMONICS = {
    "andn", "bextr", "blsi", "blsmsk", "blsr", "bzhi", "lzcnt", "movbe", "mulx", "pdep", "pext", "rorx", "sarx", "shlx",
    "shrx",
}
PLAIN_V = {"verr", "verw"}
PREFIXES = {"bnd", "cs", "data16", "ds", "es", "fs", "gs", "lock", "notrack", "rep", "repnz", "repz", "ss"}
# A line of code in what objdump writes: address, tab, instruction.
CODE = re.compile(r"^ *[0-9a-f]+:\t(.*)$")
FUNCTION = re.compile(r"^[0-9a-f]+ <(.*)>:$")


def needs(instruction):
    """The instruction set that an instruction needs; None for plain x86-64."""
    words = instruction.split("#")[0].split()
    while words and words[0] in PREFIXES:
        words.pop(0)
    if not words:
        return None
    mnemonic = words[0].rstrip("lqw") if words[0].rstrip("lqw") in AVX_MNEMONICS else words[0]
    if AVX512_OPERAND.search(instruction):
        return "AVX-512"
    if mnemonic in AVX_MNEMONICS or "%ymm" in instruction or (mnemonic[0] == "v" and mnemonic not in PLAIN_V):
        return "AVX"
    return None


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout


def forbidden_code(module, objects):
    """Yields function, instruction and what it needs, the first of each function."""
    function, reported = "", None
    for line in run("objdump", "-d", "--no-show-raw-insn", *objects).splitlines():
        if match := FUNCTION.match(line):
            function = match[1]
        elif (match := CODE.match(line)) and function != reported:
            need = needs(match[1])
            if need and need not in ALLOWED.get(module, set()):
                reported = function
                yield function, " ".join(match[1].split()), need


def defined_code(objects):
    """Names of the functions that other objects can see, and of those the weak ones."""
    names, weak = set(), set()
    for line in run("nm", "--defined-only", "--extern-only", *objects).splitlines():
        fields = line.split()
        if len(fields) == 3 and fields[1] in "TWi":
            names.add(fields[2])
            if fields[1] == "W":
                weak.add(fields[2])
    return names, weak


def violations(build, modules):
    """One line for each violation in the objects of `build`; only `modules` are ours."""
    definitions = collections.defaultdict(set)
    weak_in_variants = set()
    for folder in sorted(build.glob("*.build")):
        objects = sorted(map(str, folder.rglob("*.o")))
        module = folder.name.removesuffix(".build")
        # Tools that run while building are programs of their own.
        if not objects or module.endswith("-tool"):
            continue
        names, weak = defined_code(objects)
        for name in names:
            definitions[name].add(module)
        if module in ALLOWED:
            weak_in_variants |= weak
        if module in modules:
            for function, instruction, need in forbidden_code(module, objects):
                yield f"{module}: {function} needs {need}: {instruction}"
    for name in sorted(weak_in_variants):
        if len(definitions[name]) > 1:
            yield f"{', '.join(sorted(definitions[name]))}: all define {name}, and the linker keeps one of them"


SELF_TEST = {
    "Kernels": "clean: addps %xmm1, %xmm0\n tzcnt %eax, %eax\n rep stosb\n ret",
    "Wire": "fused: nop\n vfmadd231ss %xmm2, %xmm1, %xmm0\n vaddss %xmm2, %xmm1, %xmm0\n ret",
    "GPT2": "wide: vxorps %ymm0, %ymm0, %ymm0\n ret\nfine: ret",
    "Sampling": "bits: shlxq %rax, %rbx, %rcx\n ret\ncount: lzcnt %eax, %eax\n ret",
    "KernelsPortable": ".weak shared\nshared: ret",
    "KernelsAVX2": ".weak shared\nshared: vaddps %ymm2, %ymm1, %ymm0\n ret\nmask: kmovw %eax, %k1\n"
    "high: vaddps %xmm17, %xmm1, %xmm0\n ret",
    "KernelsAVX512": ".weak own\nown: vaddps %zmm2, %zmm1, %zmm0\n ret",
    "Logging": "foreign: vaddps %ymm2, %ymm1, %ymm0\n ret",
}
EXPECTED = [
    "GPT2: wide needs AVX: vxorps %ymm0,%ymm0,%ymm0",
    "KernelsAVX2: high needs AVX-512: vaddps %xmm17,%xmm1,%xmm0",
    "KernelsAVX2: mask needs AVX-512: kmovw %eax,%k1",
    "KernelsAVX2, KernelsPortable: all define shared, and the linker keeps one of them",
    "Sampling: bits needs AVX: shlx %rax,%rbx,%rcx",
    "Sampling: count needs AVX: lzcnt %eax,%eax",
    "Wire: fused needs AVX: vfmadd231ss %xmm2,%xmm1,%xmm0",
]


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        build = pathlib.Path(folder)
        for module, source in SELF_TEST.items():
            build.joinpath(f"{module}.build").mkdir()
            labels = re.findall(r"^(\w+):", source, re.MULTILINE)
            text = "".join(f".globl {label}\n.type {label}, @function\n" for label in labels if label != "shared")
            assembler = ["as", "--64", "-o", build / f"{module}.build/code.o"]
            subprocess.run(assembler, input=f"{text}.type shared, @function\n{source}\n", check=True, text=True)
        found = sorted(violations(build, set(SELF_TEST) - {"Logging"}))
    for line in found + EXPECTED:
        if line not in found or line not in EXPECTED:
            sys.exit(f"registers.py --self-test: {'not found' if line in EXPECTED else 'found'}: {line}")


def main():
    if platform.machine() != "x86_64":
        print("registers.py: nothing to check, this is no x86-64 machine", file=sys.stderr)
        return
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if sys.argv[1:]:
        sys.exit("usage: scripts/check/registers.py [--self-test]")
    root = pathlib.Path(__file__).resolve().parents[2]
    build = pathlib.Path(run("swift", "build", "--package-path", str(root), "-c", "release", "--show-bin-path").strip())
    folders = [folder for parent in ("Sources", "Tests") for folder in (root / parent).glob("*/*")]
    modules = {folder.name.replace("-", "_") for folder in folders}
    missing = [name for name in ALLOWED if not build.joinpath(f"{name}.build").is_dir()]
    if missing:
        sys.exit(f"registers.py: no {missing[0]} in {build}: run swift build -c release first")
    lines = list(violations(build, modules))
    for line in lines:
        print(line)
    sys.exit(1 if lines else 0)


if __name__ == "__main__":
    main()
