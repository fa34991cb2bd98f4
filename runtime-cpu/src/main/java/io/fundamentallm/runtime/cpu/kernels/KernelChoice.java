package io.fundamentallm.runtime.cpu.kernels;

import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Chooses between the scalar and the Vector API kernels, once, and says why. */
final class KernelChoice {

  static final String PROPERTY = "fundamentallm.kernels";
  private static final String MODULE = "jdk.incubator.vector";
  private static final String FLAG = "--add-modules " + MODULE;

  // Not a static initialiser: a refused property must give its message every time, not once.
  private static @Nullable Kernels chosen;

  private KernelChoice() {}

  static synchronized Kernels chosen() {
    Kernels known = chosen;
    if (known == null) {
      known = choose(System.getProperty(PROPERTY), modulePresent());
      chosen = known;
    }
    return known;
  }

  /**
   * @param property {@code scalar}, {@code vector} or null
   * @param modulePresent whether the Vector API can be linked in this JVM
   */
  static Kernels choose(@Nullable String property, boolean modulePresent) {
    if (property == null) {
      if (!modulePresent) {
        return logged(
            new ScalarKernels(), "start the JVM with " + FLAG + " for the faster vector kernels");
      }
      try {
        return logged(vector(), "module " + MODULE + " is present");
      } catch (LinkageError e) {
        return logged(new ScalarKernels(), MODULE + " is present but does not link: " + e);
      }
    }
    return switch (property) {
      case "scalar" -> logged(new ScalarKernels(), "asked for by -D" + PROPERTY + "=scalar");
      case "vector" -> {
        if (!modulePresent) {
          throw new IllegalStateException(
              "-D" + PROPERTY + "=vector needs the JVM flag " + FLAG + ", which is missing");
        }
        yield logged(vector(), "asked for by -D" + PROPERTY + "=vector");
      }
      default ->
          throw new IllegalStateException(
              "-D" + PROPERTY + " must be scalar or vector, not '" + property + "'");
    };
  }

  static boolean modulePresent() {
    return ModuleLayer.boot().findModule(MODULE).isPresent();
  }

  // A method of its own, so that the class is loaded only where the module is known to be there.
  static Kernels vector() {
    return new VectorKernels();
  }

  private static Kernels logged(Kernels kernels, String reason) {
    LoggerFactory.getLogger(Kernels.class).info("CPU kernels: {} ({})", kernels.name(), reason);
    return kernels;
  }
}
