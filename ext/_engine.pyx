# SPDX-License-Identifier: Apache-2.0
# cython: language_level=3, boundscheck=False, wraparound=False
"""The C engine: its tables as data, and plans that run."""

from libc.stdint cimport uint8_t, uint32_t, uint64_t, uintptr_t

from xqtool.errors import EngineError


cdef extern from "xq.h" nogil:
    enum: XQ_ISA_COUNT
    enum xq_isa:
        pass
    cdef struct xq_header:
        uint32_t arena_size
    cdef struct xq_field:
        const char *name
        char kind
    cdef struct xq_kernel:
        const char *isa_name
        const char *variant
        uint32_t nr
        uint32_t kr
        uint32_t weight_bytes
        uint32_t mr
        uint32_t mr2
        uint32_t row_pairs
        uint32_t stationary
        uint32_t strip
    cdef struct xq_family:
        const char *name
        const xq_field *fields
        uint32_t field_count
        const xq_kernel *kernels
        uint32_t kernel_count
    cdef struct xq_engine:
        pass
    const xq_family **xq_families
    const uint32_t xq_family_count
    const char **xq_isa_names
    uint32_t xq_cpu_isas()
    uint64_t xq_peak(xq_isa isa, bint real, uint64_t rounds)
    void xq_copy(uint8_t *to, const uint8_t *source, size_t bytes, uint64_t rounds)
    const char *xq_engine_create(const void *plan, size_t size, uint32_t threads, xq_engine **engine, uint32_t *node)
    void xq_engine_destroy(xq_engine *engine)
    uint8_t *xq_engine_arena(xq_engine *engine)
    uint32_t xq_engine_run(xq_engine *engine, uint32_t begin, uint32_t end, uint64_t *times)


def isas():
    """The ladder of instruction sets, weakest first: list of (name, whether this CPU has it)."""
    cdef uint32_t found = xq_cpu_isas()
    return [(xq_isa_names[i].decode(), bool(found >> i & 1)) for i in range(XQ_ISA_COUNT)]


def peak(uint32_t isa, bint real, uint64_t rounds):
    """Multiply and add in registers with entry ``isa`` of ``isas()``, 8-bit values or floats: the number of multiply-accumulates. Releases the GIL.

    Raises EngineError for an instruction set that this CPU lacks.
    """
    if isa >= XQ_ISA_COUNT or not xq_cpu_isas() >> isa & 1:
        raise EngineError(f"cannot measure instruction set {isa}: this CPU lacks it")
    cdef uint64_t macs
    with nogil:
        macs = xq_peak(<xq_isa>isa, real, rounds)
    return macs


def copy(uint8_t[::1] to, const uint8_t[::1] source, uint64_t rounds):
    """Copy ``source`` to ``to``, which has the same size, ``rounds`` times. Releases the GIL. Raises EngineError when the sizes differ."""
    if to.shape[0] != source.shape[0] or not to.shape[0]:
        raise EngineError(f"cannot copy {source.shape[0]} bytes to {to.shape[0]}: equal sizes of at least 1 are needed")
    with nogil:
        xq_copy(&to[0], &source[0], to.shape[0], rounds)


def families():
    """All kernel families: {name: (index, [(field, kind)], [kernel])}, kernels as dicts, best first."""
    result = {}
    for index in range(xq_family_count):
        family = xq_families[index]
        fields = [(family.fields[i].name.decode(), chr(family.fields[i].kind)) for i in range(family.field_count)]
        kernels = [{
            "isa": family.kernels[i].isa_name.decode(), "variant": family.kernels[i].variant.decode(), "nr": family.kernels[i].nr,
            "kr": family.kernels[i].kr, "weight_bytes": family.kernels[i].weight_bytes, "mr": family.kernels[i].mr, "mr2": family.kernels[i].mr2,
            "row_pairs": bool(family.kernels[i].row_pairs), "stationary": bool(family.kernels[i].stationary), "strip": bool(family.kernels[i].strip),
        } for i in range(family.kernel_count)]
        result[family.name.decode()] = (index, fields, kernels)
    return result


cdef class Engine:
    """A plan, checked and ready to run.

    Parameters
    ----------
    plan : uint8, 1-D, aligned to 64 bytes
        Kept alive and must not change.
    threads : number of threads, the caller included

    Raises
    ------
    EngineError
        The plan breaks a rule, or there is no memory.
    """

    cdef xq_engine *engine
    cdef object plan
    cdef readonly size_t arena_size

    def __cinit__(self, const uint8_t[::1] plan, uint32_t threads):
        cdef uint32_t node = 0
        cdef const char *error
        self.plan = plan
        with nogil:
            error = xq_engine_create(&plan[0], plan.shape[0], threads, &self.engine, &node)
        if error != NULL:
            where = "" if node == 0xFFFFFFFF else f" node {node}:"
            raise EngineError(f"cannot load plan:{where} {error.decode()}")
        self.arena_size = (<const xq_header *>&plan[0]).arena_size

    def __dealloc__(self):
        xq_engine_destroy(self.engine)

    def arena(self):
        """The activations as a writable memoryview of bytes; valid as long as this object lives."""
        return <uint8_t[:self.arena_size + 1]> xq_engine_arena(self.engine)

    def run(self, uint32_t begin, uint32_t end, uint64_t[::1] times=None):
        """Run nodes [begin, end), up to the first that refuses its data: returns that one, or ``end``. Releases the GIL.

        With ``times`` (one entry per node) add nanoseconds to it.
        """
        cdef uint64_t *stamps = &times[0] if times is not None else NULL
        cdef uint32_t stopped
        with nogil:
            stopped = xq_engine_run(self.engine, begin, end, stamps)
        return stopped
