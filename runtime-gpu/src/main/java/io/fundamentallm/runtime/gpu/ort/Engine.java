package io.fundamentallm.runtime.gpu.ort;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtException.OrtErrorCode;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import io.fundamentallm.ProviderException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A graph loaded by ONNX Runtime, on the device where it really runs. Many threads may run it at
 * once; closing it while one runs would crash the JVM, so its owner waits first.
 *
 * @param options kept open as long as the session, as ONNX Runtime asks for
 * @param cuda the number of the CUDA device; empty on the CPU
 * @param cudaGraphs whether runs can be recorded and replayed, or should run as if they could
 * @param device for {@link io.fundamentallm.model.ModelInfo#device()}
 */
public record Engine(
    OrtEnvironment environment,
    OrtSession session,
    SessionOptions options,
    OptionalInt cuda,
    boolean cudaGraphs,
    String device) {
  private static final Logger log = LoggerFactory.getLogger(Engine.class);

  public static Engine open(Path graph, GpuSettings settings) throws IOException {
    Device device = settings.device();
    return switch (device.kind()) {
      case CPU -> onCpu(graph, settings);
      case CUDA -> onCuda(graph, settings);
      case AUTO -> {
        Optional<String> missing = CudaDriver.missing();
        if (missing.isEmpty()) {
          try {
            yield onCuda(graph, settings);
          } catch (IOException | ProviderException e) {
            // a broken graph fails on the CPU too, and is reported from there
            missing = Optional.of(Objects.requireNonNullElse(e.getMessage(), e.toString()));
          }
        }
        log.info("{} runs on the CPU: {}", graph, missing.get());
        yield onCpu(graph, settings);
      }
    };
  }

  private static Engine onCpu(Path graph, GpuSettings settings) throws IOException {
    return open(graph, new SessionOptions(), OptionalInt.empty(), settings, settings.cudaGraphs());
  }

  private static Engine onCuda(Path graph, GpuSettings settings) throws IOException {
    if (settings.cudaGraphs()) {
      try {
        return onCuda(graph, settings, true);
      } catch (IOException e) {
        // some node is not on the device; a graph that is broken fails again
        log.warn("{} runs without CUDA graphs: {}", graph, e.getMessage());
      }
    }
    return onCuda(graph, settings, false);
  }

  private static Engine onCuda(Path graph, GpuSettings settings, boolean cudaGraphs)
      throws IOException {
    int index = settings.device().index();
    CudaDriver.missing()
        .ifPresent(
            reason -> {
              throw new ProviderException(noCuda(index, reason));
            });
    if (!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
      throw new ProviderException(noCuda(index, "this ONNX Runtime was built without CUDA"));
    }
    OrtEnvironment.getEnvironment();
    SessionOptions options = new SessionOptions();
    try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(index)) {
      // f32 products keep all their 24 bits, as on the CPU
      cuda.add("use_tf32", "0");
      if (cudaGraphs) {
        cuda.add("enable_cuda_graph", "1");
      }
      if (settings.memory() != Long.MAX_VALUE) {
        cuda.add("gpu_mem_limit", Long.toString(settings.memory()));
      }
      options.addCUDA(cuda);
    } catch (OrtException e) {
      options.close();
      throw new ProviderException(noCuda(index, String.valueOf(e.getMessage())), e);
    }
    return open(graph, options, OptionalInt.of(index), settings, cudaGraphs);
  }

  private static Engine open(
      Path graph,
      SessionOptions options,
      OptionalInt cuda,
      GpuSettings settings,
      boolean cudaGraphs)
      throws IOException {
    int threads = settings.threads();
    String device = cuda.isPresent() ? "cuda:" + cuda.getAsInt() : "cpu";
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try {
      options.setIntraOpNumThreads(threads);
      // Errors come as exceptions. At the end of the JVM ONNX Runtime frees its log while it may
      // still be computing, and an error that it logged then would crash the process.
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      OrtSession session = environment.createSession(graph.toString(), options);
      String description =
          device
              + " (ONNX Runtime "
              + environment.getVersion()
              + ", "
              + (cuda.isPresent() ? "CUDAExecutionProvider, " : "CPUExecutionProvider, ")
              + threads
              + (threads == 1 ? " thread)" : " threads)");
      return new Engine(environment, session, options, cuda, cudaGraphs, description);
    } catch (OrtException e) {
      options.close();
      throw new IOException(
          graph
              + ": ONNX Runtime cannot load this graph on "
              + device
              + ": "
              + e.getMessage()
              + (e.getCode() == OrtErrorCode.ORT_INVALID_PROTOBUF
                  ? "; the file is torn, or no ONNX graph: copy or download it again"
                  : ""),
          e);
    }
  }

  /** Access to device memory; on the CPU that is host memory. */
  public OrtApi deviceApi() {
    return cuda.isPresent() ? OrtApi.cuda(session, cuda.getAsInt()) : OrtApi.cpu(session);
  }

  /** Access to host memory that the device can write directly, if there is any. */
  public @Nullable OrtApi pinnedApi() {
    if (cuda.isEmpty()) {
      return OrtApi.cpu(session);
    }
    try {
      return OrtApi.cudaPinned(session);
    } catch (IllegalStateException e) {
      log.debug("logits are copied through pageable memory", e);
      return null;
    }
  }

  /** A session for one of our own small graphs, on the same device. */
  OrtSession small(byte[] graph) throws OrtException {
    try (SessionOptions own = new SessionOptions()) {
      own.setIntraOpNumThreads(1);
      own.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      if (cuda.isPresent()) {
        own.addCUDA(cuda.getAsInt());
      }
      return environment.createSession(graph, own);
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

  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime could not close its session", e);
    } finally {
      options.close();
    }
  }
}
