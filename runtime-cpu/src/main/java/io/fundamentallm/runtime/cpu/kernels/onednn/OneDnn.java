package io.fundamentallm.runtime.cpu.kernels.onednn;

import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.global.dnnl.cpu_isa;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.opencl.Pfn_notify__cl_program_Pointer;
import org.bytedeco.opencl._cl_program;
import org.jspecify.annotations.Nullable;

/**
 * Intel's library of matrix products (<a href="https://github.com/uxlfoundation/oneDNN">oneDNN</a>)
 * by the bindings {@code org.bytedeco:dnnl}. It has what Java lacks: products of 16-bit floats with
 * 32-bit sums on the matrix units (AMX) and vector units of processors that have them.
 *
 * <p>oneDNN would divide a product among OpenMP's threads, which spin beside ours, are as many as
 * an environment variable says, and whose number changes how sums are formed. So every product here
 * runs on the thread that asks for it, and callers divide the work.
 *
 * <p>Thread-safe; a {@link NativeProducts} belongs to one thread.
 */
public final class OneDnn {

  /** What to do where it is not there. */
  public static final String ADD =
      "add org.bytedeco:dnnl, and org.bytedeco:dnnl, javacpp and opencl with the classifier of this"
          + " platform, such as linux-x86_64";

  private static final String THREADS = "OMP_NUM_THREADS";

  // Not a static initialiser: what fails must say why every time, not once.
  private static @Nullable OneDnn loaded;

  final engine cpu;
  private final String description;
  private final boolean bf16;
  private final boolean matrixUnits;
  private final boolean limits;

  private OneDnn(String version, cpu_isa isa, boolean limits) {
    cpu = new engine(engine.kind.cpu, 0);
    description = "oneDNN " + version + " " + isa;
    bf16 = has(isa, cpu_isa.avx512_core_bf16);
    matrixUnits = has(isa, cpu_isa.avx512_core_amx);
    this.limits = limits;
  }

  /**
   * The library, loaded by the first call.
   *
   * @throws OneDnnUnavailableException if it is not there or does not run here; says what to do
   */
  public static synchronized OneDnn load() throws OneDnnUnavailableException {
    OneDnn known = loaded;
    if (known == null) {
      known = loadOnce();
      loaded = known;
    }
    return known;
  }

  private static OneDnn loadOnce() throws OneDnnUnavailableException {
    try {
      Loader.load(dnnl.class);
    } catch (LinkageError e) {
      throw new OneDnnUnavailableException(
          false, "its native code does not load (" + e + "): " + ADD, e);
    }
    cpu_isa isa = dnnl.get_effective_cpu_isa();
    if (isa == null || !has(isa, cpu_isa.avx512_core)) {
      throw new OneDnnUnavailableException(
          false, "it finds no AVX-512 here (" + isa + "), and the Java kernels are as fast", null);
    }
    boolean limits = !"1".equals(System.getenv(THREADS));
    if (limits && Loader.addressof("omp_set_num_threads") == null) {
      throw new OneDnnUnavailableException(
          false,
          "it would start threads of its own: set " + THREADS + "=1 in the environment",
          null);
    }
    String version =
        dnnl.dnnl_version().major()
            + "."
            + dnnl.dnnl_version().minor()
            + "."
            + dnnl.dnnl_version().patch();
    return new OneDnn(version, isa, limits);
  }

  /** Whether a set of instructions has another in it; each has the bits of those it builds on. */
  private static boolean has(cpu_isa isa, cpu_isa part) {
    return (isa.value & part.value) == part.value;
  }

  /** Version and instructions, such as {@code oneDNN 3.11.0 avx10_1_512_amx}. */
  public String description() {
    return description;
  }

  /** Whether the processor multiplies 16-bit floats. */
  public boolean bf16() {
    return bf16;
  }

  /** Whether it does so in matrix units. */
  public boolean matrixUnits() {
    return matrixUnits;
  }

  /** Products for one thread. */
  public NativeProducts products() {
    return new NativeProducts(this);
  }

  /**
   * Lets the calling thread create primitives, which keep the number of threads that they found,
   * for one thread.
   *
   * <p>OpenMP has a C function for that, {@code omp_set_num_threads(int)}. The bindings have no
   * method for it, but OpenCL's, which they need anyway, can call a C function with two pointers.
   * In the calling conventions of all platforms, an int is passed as the lower half of the first
   * pointer, and a second argument is ignored.
   */
  void useOneThread() {
    if (limits) {
      try (PointerPointer<Pointer> function = new PointerPointer<>(1)) {
        function.put(0, Loader.addressof("omp_set_num_threads"));
        new Pfn_notify__cl_program_Pointer(function).call(new Argument(1), null);
      }
    }
  }

  /** A number where a pointer is asked for. */
  private static final class Argument extends _cl_program {
    Argument(long number) {
      super(new Address(number));
    }
  }

  private static final class Address extends Pointer {
    Address(long number) {
      address = number;
    }
  }
}
