package io.fundamentallm.runtime.gpu;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.fundamentallm.ProviderException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A graph loaded by ONNX Runtime, on the device where it really runs. Runs from many threads at
 * once; closing it while one runs would crash the JVM, so its owner waits first.
 *
 * @param options kept open as long as the session, as ONNX Runtime asks for
 * @param device for {@link io.fundamentallm.ModelInfo#device()}
 */
record Engine(
    OrtEnvironment environment, OrtSession session, SessionOptions options, String device) {
  private static final Logger log = LoggerFactory.getLogger(Engine.class);

  static Engine open(Path graph, Device device, int threads) throws IOException {
    return switch (device.kind()) {
      case CPU -> onCpu(graph, threads);
      case CUDA -> onCuda(graph, device.index(), threads);
      case AUTO -> {
        Optional<String> missing = CudaDriver.missing();
        if (missing.isEmpty()) {
          try {
            yield onCuda(graph, device.index(), threads);
          } catch (IOException | ProviderException e) {
            // a broken graph fails on the CPU too, and is reported from there
            missing = Optional.of(Objects.requireNonNullElse(e.getMessage(), e.toString()));
          }
        }
        log.info("{} runs on the CPU: {}", graph, missing.get());
        yield onCpu(graph, threads);
      }
    };
  }

  private static Engine onCpu(Path graph, int threads) throws IOException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    return open(graph, environment, new SessionOptions(), "cpu", threads);
  }

  private static Engine onCuda(Path graph, int index, int threads) throws IOException {
    CudaDriver.missing()
        .ifPresent(
            reason -> {
              throw new ProviderException(noCuda(index, reason));
            });
    if (!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
      throw new ProviderException(noCuda(index, "this ONNX Runtime was built without CUDA"));
    }
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    SessionOptions options = new SessionOptions();
    try {
      options.addCUDA(index);
    } catch (OrtException e) {
      options.close();
      throw new ProviderException(noCuda(index, String.valueOf(e.getMessage())), e);
    }
    return open(graph, environment, options, "cuda:" + index, threads);
  }

  private static Engine open(
      Path graph, OrtEnvironment environment, SessionOptions options, String device, int threads)
      throws IOException {
    try {
      options.setIntraOpNumThreads(threads);
      OrtSession session = environment.createSession(graph.toString(), options);
      String description =
          device
              + " (ONNX Runtime "
              + environment.getVersion()
              + ", "
              + threads
              + (threads == 1 ? " thread)" : " threads)");
      return new Engine(environment, session, options, description);
    } catch (OrtException e) {
      options.close();
      throw new IOException(
          graph + ": ONNX Runtime cannot load this graph on " + device + ": " + e.getMessage(), e);
    }
  }

  private static String noCuda(int index, String reason) {
    return "device=cuda:"
        + index
        + " cannot be used: "
        + reason
        + ". CUDA needs NVIDIA's driver and the artifact "
        + OnnxRuntimeJar.CUDA
        + " in the place of "
        + OnnxRuntimeJar.CPU
        + "; device=auto takes the CPU where there is no CUDA";
  }

  void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime could not close its session", e);
    } finally {
      options.close();
    }
  }
}
