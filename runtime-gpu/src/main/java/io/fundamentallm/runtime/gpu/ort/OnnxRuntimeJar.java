package io.fundamentallm.runtime.gpu.ort;

import ai.onnxruntime.OrtSession;
import io.fundamentallm.ProviderException;
import java.util.Objects;

/** Whether the application brought ONNX Runtime, and the error if it did not. */
public final class OnnxRuntimeJar {
  static final String CPU = "com.microsoft.onnxruntime:onnxruntime";
  static final String CUDA = "com.microsoft.onnxruntime:onnxruntime_gpu";

  public static final String ABSENT =
      "ONNX Runtime is not on the class path or module path. Add one of the artifacts "
          + CPU
          + " (CPU only) and "
          + CUDA
          + " (CUDA and CPU); on the module path also --add-modules com.microsoft.onnxruntime";

  private OnnxRuntimeJar() {}

  /** Only looks for a class; nothing native is loaded. */
  public static boolean isPresent() {
    try {
      Objects.requireNonNull(OrtSession.class);
      return true;
    } catch (NoClassDefFoundError e) {
      return false;
    }
  }

  /** Whether an error comes from ONNX Runtime's classes, and not from those of another jar. */
  public static boolean isCauseOf(LinkageError error) {
    return error instanceof UnsatisfiedLinkError
        || error instanceof ExceptionInInitializerError
        || (error instanceof NoClassDefFoundError
            && String.valueOf(error.getMessage()).contains("ai.onnxruntime"));
  }

  /** For the errors that ONNX Runtime's classes throw when their native library fails. */
  public static ProviderException startFailure(LinkageError error) {
    Throwable reason = error;
    while (reason.getCause() != null) {
      reason = reason.getCause();
    }
    // by its name: when the class is requested again, only the text of the error is left
    if (reason.toString().contains(IllegalCallerException.class.getName())) {
      return new ProviderException(
          "this JVM does not let ONNX Runtime load its native library. Start it with"
              + " --enable-native-access=ALL-UNNAMED, or on the module path with"
              + " --enable-native-access=com.microsoft.onnxruntime: "
              + reason,
          error);
    }
    return new ProviderException(
        "the native library of ONNX Runtime cannot be loaded on this machine ("
            + System.getProperty("os.name")
            + ", "
            + System.getProperty("os.arch")
            + "), or another version of it is loaded in this JVM already, by another class loader: "
            + reason,
        error);
  }
}
