# SPDX-License-Identifier: Apache-2.0
# cython: language_level=3, boundscheck=False, wraparound=False
"""The C engine: its tables as data, and plans that run."""

from libc.stdint cimport uint8_t, uint32_t, uint64_t, uintptr_t

from xqtool.errors import EngineError


cdef extern from "xq.h" nogil:
    enum: XQ_ISA_COUNT
    const uint32_t XQ_ALIGN, XQ_BLOCK_HEAD, XQ_CONSTANT, XQ_MAGIC, XQ_MAX_ELEMENTS, XQ_MAX_SIDE, XQ_SLACK, XQ_WORK_UNIT
    enum xq_isa:
        pass
    cdef struct xq_header:
        uint32_t arena_size
    cdef struct xq_field:
        const char *name
        char kind
    cdef struct xq_enum:
        const char *tag
        const char *names
    cdef struct xq_limit:
        const char *name
        uint32_t number
    cdef struct xq_kernel:
        const char *isa_name
        const char *variant
        uint32_t nr
    ctypedef int xq_fits_fn(const xq_kernel *kernel, const void *params)
    cdef struct xq_family:
        const char *name
        const xq_field *fields
        uint32_t field_count
        const xq_enum *enums
        const xq_limit *limits
        const xq_kernel *kernels
        uint32_t kernel_count
        xq_fits_fn *fits
    cdef struct xq_engine:
        pass
    const xq_family **xq_families
    const uint32_t xq_family_count
    const char **xq_isa_names
    const char **xq_kernel_numbers
    const xq_field *xq_header_fields
    const xq_field *xq_node_fields
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


cdef _fields(const xq_field *fields):
    """[(name, kind)] of a table that ends with a field without a name."""
    result = []
    while fields.name != NULL:
        result.append((fields.name.decode(), chr(fields.kind)))
        fields += 1
    return result


cdef _kernel(const xq_kernel *kernel):
    """A line of a table of kernels: dict."""
    cdef int i = 0
    result = {"isa": kernel.isa_name.decode(), "variant": kernel.variant.decode()}
    while xq_kernel_numbers[i] != NULL:
        result[xq_kernel_numbers[i].decode()] = (&kernel.nr)[i]
        i += 1
    return result


cdef _family(const xq_family *family):
    """One entry of ``families()``."""
    cdef int i = 0
    enums, limits = {}, {}
    while family.enums[i].tag != NULL:
        enums[family.enums[i].tag.decode()] = [name.strip() for name in family.enums[i].names.decode().split(",")]
        i += 1
    i = 0
    while family.limits[i].name != NULL:
        limits[family.limits[i].name.decode()] = family.limits[i].number
        i += 1
    return _fields(family.fields), enums, limits, [_kernel(&family.kernels[i]) for i in range(family.kernel_count)]


HEADER, NODE = _fields(xq_header_fields), _fields(xq_node_fields)
"""What a plan begins with, and its nodes: [(field, kind)]."""

ALIGN, BLOCK_HEAD, CONSTANT, MAGIC, MAX_ELEMENTS, MAX_SIDE, SLACK, WORK_UNIT = (
    XQ_ALIGN, XQ_BLOCK_HEAD, XQ_CONSTANT, XQ_MAGIC, XQ_MAX_ELEMENTS, XQ_MAX_SIDE, XQ_SLACK, XQ_WORK_UNIT
)
"""Numbers of ext/xq.h."""


def families():
    """All kernel families, in the order of their numbers: {name: (fields, enums, limits, kernels)}.

    fields : [(name, kind)], the parameters
    enums : {tag: [name]}, names of the values 0, 1, ... of parameters
    limits : {name: number}
    kernels : [dict], best first
    """
    return {xq_families[f].name.decode(): _family(xq_families[f]) for f in range(xq_family_count)}


def fits(uint32_t family, uint32_t kernel, const uint8_t[::1] params):
    """Is a kernel made for a node with these parameters? Places count for nothing. Raises EngineError for a family or kernel that there is not."""
    if family >= xq_family_count or kernel >= xq_families[family].kernel_count:
        raise EngineError(f"cannot ask kernel {kernel} of family {family}: there is none")
    found = xq_families[family]
    return found.fits == NULL or found.fits(&found.kernels[kernel], &params[0]) != 0


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
