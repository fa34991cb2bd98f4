package io.fundamentallm.runtime.gpu.ort;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Looks for NVIDIA's driver. Costs a few file look-ups, while asking ONNX Runtime would first
 * unpack a few hundred megabytes of CUDA code.
 */
public final class CudaDriver {
  /** Where Linux distributions, container tools and WSL put it, besides the loader's own paths. */
  private static final List<String> LINUX =
      List.of(
          "/usr/lib/x86_64-linux-gnu",
          "/usr/lib/aarch64-linux-gnu",
          "/usr/lib64",
          "/usr/lib",
          "/usr/local/cuda/compat",
          "/usr/local/nvidia/lib64",
          "/usr/lib/wsl/lib",
          "/run/opengl-driver/lib");

  private CudaDriver() {}

  /** What is missing; empty where the driver's library is in its place. */
  public static Optional<String> missing() {
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    if (system.contains("mac")) {
      return Optional.of("there is no CUDA for macOS");
    }
    String library = system.contains("win") ? "nvcuda.dll" : "libcuda.so.1";
    for (String directory : directories()) {
      if (contains(directory, library)) {
        return Optional.empty();
      }
    }
    return Optional.of("no NVIDIA driver was found: there is no " + library);
  }

  private static Set<String> directories() {
    Set<String> directories = new LinkedHashSet<>();
    for (String path :
        new String[] {
          System.getProperty("java.library.path"),
          System.getenv("LD_LIBRARY_PATH"),
          System.getenv("PATH")
        }) {
      if (path != null) {
        directories.addAll(List.of(path.split(File.pathSeparator)));
      }
    }
    directories.addAll(LINUX);
    return directories;
  }

  private static boolean contains(String directory, String library) {
    try {
      return !directory.isEmpty() && Files.exists(Path.of(directory, library));
    } catch (InvalidPathException e) {
      return false; // a search path may hold anything
    }
  }
}
