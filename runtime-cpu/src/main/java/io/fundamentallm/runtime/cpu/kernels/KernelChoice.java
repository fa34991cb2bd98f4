package io.fundamentallm.runtime.cpu.kernels;

import io.fundamentallm.runtime.cpu.kernels.attention.ScalarAttention;
import io.fundamentallm.runtime.cpu.kernels.attention.VectorAttention;
import io.fundamentallm.runtime.cpu.kernels.elementwise.ScalarElementwise;
import io.fundamentallm.runtime.cpu.kernels.elementwise.VectorElementwise;
import io.fundamentallm.runtime.cpu.kernels.math.Lanes;
import io.fundamentallm.runtime.cpu.kernels.norm.ScalarNorm;
import io.fundamentallm.runtime.cpu.kernels.norm.VectorNorm;
import io.fundamentallm.runtime.cpu.kernels.onednn.OneDnn;
import io.fundamentallm.runtime.cpu.kernels.onednn.OneDnnUnavailableException;
import io.fundamentallm.runtime.cpu.kernels.product.OneDnnProduct;
import io.fundamentallm.runtime.cpu.kernels.product.ProductKernels;
import io.fundamentallm.runtime.cpu.kernels.product.ScalarProduct;
import io.fundamentallm.runtime.cpu.kernels.product.VectorProduct;
import io.fundamentallm.runtime.cpu.kernels.update.ScalarUpdate;
import io.fundamentallm.runtime.cpu.kernels.update.VectorUpdate;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Chooses between the scalar and the Vector API kernels, and whether oneDNN computes large
 * products, once, and says why.
 */
final class KernelChoice {

  static final String PROPERTY = "fundamentallm.kernels";
  private static final String MODULE = "jdk.incubator.vector";
  private static final String FLAG = "--add-modules " + MODULE;

  // What java.vm.info holds with -XX:TieredStopAtLevel=1, and with -Xint.
  private static final String WITHOUT_C2 = "emulated-client";
  private static final String INTERPRETED = "interpreted mode";

  // Not a static initialiser: a refused property must give its message every time, not once.
  private static @Nullable Kernels chosen;

  private KernelChoice() {}

  static synchronized Kernels chosen() {
    Kernels known = chosen;
    if (known == null) {
      String jvm = System.getProperty("java.vm.info", "");
      known = choose(System.getProperty(PROPERTY), modulePresent(), jvm);
      chosen = known;
    }
    return known;
  }

  /**
   * @param property {@code auto}, {@code scalar}, {@code vector}, {@code onednn} or null
   * @param modulePresent whether the Vector API can be linked in this JVM
   * @param jvm its {@code java.vm.info}
   */
  static Kernels choose(@Nullable String property, boolean modulePresent, String jvm) {
    return switch (property == null ? "auto" : property) {
      case "auto" -> {
        StringBuilder reason = new StringBuilder();
        Kernels java = best(modulePresent, jvm, reason);
        try {
          yield logged(with(library(), java), reason + "; oneDNN is on the class path");
        } catch (OneDnnUnavailableException e) {
          if (e.absent()) {
            yield logged(java, reason.toString());
          }
          yield logged(
              without(java, e.reason()),
              reason + "; oneDNN is on the class path but not used: " + e.reason());
        }
      }
      case "onednn" -> {
        StringBuilder reason = new StringBuilder();
        Kernels java = best(modulePresent, jvm, reason);
        try {
          yield logged(with(library(), java), reason + "; asked for by -D" + PROPERTY + "=onednn");
        } catch (OneDnnUnavailableException e) {
          throw new IllegalStateException(
              "-D" + PROPERTY + "=onednn needs oneDNN: " + e.reason(), e);
        }
      }
      case "scalar" ->
          logged(without(scalar(), forced("scalar")), "asked for by -D" + PROPERTY + "=scalar");
      case "vector" -> {
        if (!modulePresent) {
          throw new IllegalStateException(
              "-D" + PROPERTY + "=vector needs the JVM flag " + FLAG + ", which is missing");
        }
        yield logged(without(vector(), forced("vector")), "asked for by -D" + PROPERTY + "=vector");
      }
      default ->
          throw new IllegalStateException(
              "-D" + PROPERTY + " must be auto, scalar, vector or onednn, not '" + property + "'");
    };
  }

  /** oneDNN, whose bindings are there or not. */
  private static OneDnn library() throws OneDnnUnavailableException {
    try {
      return OneDnn.load();
    } catch (NoClassDefFoundError e) {
      throw new OneDnnUnavailableException(!bindingsPresent(), OneDnn.ADD + " (" + e + ")", e);
    }
  }

  /** Asked of the jar: which class the error names depends on what the verifier looks at first. */
  private static boolean bindingsPresent() {
    ClassLoader loader = KernelChoice.class.getClassLoader();
    return loader != null && loader.getResource("org/bytedeco/dnnl/global/dnnl.class") != null;
  }

  private static String forced(String name) {
    return "-D" + PROPERTY + "=" + name + " forbids it";
  }

  /** The faster Java kernels, with others to begin with; appends why these. */
  private static Kernels best(boolean modulePresent, String jvm, StringBuilder reason) {
    if (!modulePresent) {
      reason.append("start the JVM with " + FLAG + " for the faster vector kernels");
      return scalar();
    }
    if (jvm.contains(WITHOUT_C2) || jvm.contains(INTERPRETED)) {
      reason
          .append(MODULE + " is present, but this JVM (")
          .append(jvm)
          .append(") compiles without C2, and so makes the vector kernels slow;")
          .append(" leave out -XX:TieredStopAtLevel or -Xint for the faster ones");
      return scalar();
    }
    try {
      Kernels vector = vector();
      reason.append("module " + MODULE + " is present");
      return beginning(scalar(), vector);
    } catch (LinkageError e) {
      reason.append(MODULE + " is present but does not link: " + e);
      return scalar();
    }
  }

  static boolean modulePresent() {
    return ModuleLayer.boot().findModule(MODULE).isPresent();
  }

  // A separate method, so that the class is loaded only where the module is known to exist.
  static Kernels vector() {
    return new Kernels(
        "vector, " + Lanes.SPECIES.vectorBitSize() + " bits",
        OneDnn.ADD,
        null,
        new VectorProduct(),
        new VectorNorm(),
        new VectorAttention(),
        new VectorElementwise(),
        new VectorUpdate());
  }

  static Kernels scalar() {
    return new Kernels(
        "scalar",
        OneDnn.ADD,
        null,
        new ScalarProduct(),
        new ScalarNorm(),
        new ScalarAttention(),
        new ScalarElementwise(),
        new ScalarUpdate());
  }

  /** These kernels, and others with the same bits for the first moments. */
  static Kernels beginning(Kernels first, Kernels kernels) {
    return new Kernels(
        kernels.name(),
        kernels.withoutBf16(),
        first,
        kernels.product(),
        kernels.norm(),
        kernels.attention(),
        kernels.elementwise(),
        kernels.update());
  }

  /** Java kernels, with oneDNN for large products, whose bits differ from the first moment on. */
  static Kernels with(OneDnn library, Kernels java) {
    ProductKernels product =
        java.product() instanceof ScalarProduct scalar
            ? OneDnnProduct.over(scalar, library)
            : vector(java.product(), library);
    return new Kernels(
        library.description() + ", " + java.name(),
        library.bf16() ? null : "this processor does not multiply 16-bit floats",
        null,
        product,
        java.norm(),
        java.attention(),
        java.elementwise(),
        java.update());
  }

  private static ProductKernels vector(ProductKernels java, OneDnn library) {
    return OneDnnProduct.over((VectorProduct) java, library);
  }

  private static Kernels without(Kernels java, String reason) {
    return new Kernels(
        java.name(),
        reason,
        java.first(),
        java.product(),
        java.norm(),
        java.attention(),
        java.elementwise(),
        java.update());
  }

  private static Kernels logged(Kernels kernels, String reason) {
    LoggerFactory.getLogger(Kernels.class).info("CPU kernels: {} ({})", kernels.name(), reason);
    return kernels;
  }
}
