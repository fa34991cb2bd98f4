package io.fundamentallm.runtime.cpu.kernels;

import io.fundamentallm.runtime.cpu.kernels.attention.ScalarAttention;
import io.fundamentallm.runtime.cpu.kernels.attention.VectorAttention;
import io.fundamentallm.runtime.cpu.kernels.elementwise.ScalarElementwise;
import io.fundamentallm.runtime.cpu.kernels.elementwise.VectorElementwise;
import io.fundamentallm.runtime.cpu.kernels.math.Lanes;
import io.fundamentallm.runtime.cpu.kernels.norm.ScalarNorm;
import io.fundamentallm.runtime.cpu.kernels.norm.VectorNorm;
import io.fundamentallm.runtime.cpu.kernels.product.ScalarProduct;
import io.fundamentallm.runtime.cpu.kernels.product.VectorProduct;
import io.fundamentallm.runtime.cpu.kernels.update.ScalarUpdate;
import io.fundamentallm.runtime.cpu.kernels.update.VectorUpdate;
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
        return logged(scalar(), "start the JVM with " + FLAG + " for the faster vector kernels");
      }
      try {
        return logged(vector(), "module " + MODULE + " is present");
      } catch (LinkageError e) {
        return logged(scalar(), MODULE + " is present but does not link: " + e);
      }
    }
    return switch (property) {
      case "scalar" -> logged(scalar(), "asked for by -D" + PROPERTY + "=scalar");
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

  // A separate method, so that the class is loaded only where the module is known to exist.
  static Kernels vector() {
    return new Kernels(
        "vector, " + Lanes.SPECIES.vectorBitSize() + " bits",
        new VectorProduct(),
        new VectorNorm(),
        new VectorAttention(),
        new VectorElementwise(),
        new VectorUpdate());
  }

  static Kernels scalar() {
    return new Kernels(
        "scalar",
        new ScalarProduct(),
        new ScalarNorm(),
        new ScalarAttention(),
        new ScalarElementwise(),
        new ScalarUpdate());
  }

  private static Kernels logged(Kernels kernels, String reason) {
    LoggerFactory.getLogger(Kernels.class).info("CPU kernels: {} ({})", kernels.name(), reason);
    return kernels;
  }
}
