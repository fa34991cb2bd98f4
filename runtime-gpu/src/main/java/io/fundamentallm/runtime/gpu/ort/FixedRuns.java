package io.fundamentallm.runtime.gpu.ort;

import static java.util.Objects.requireNonNull;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.Result;
import ai.onnxruntime.OrtSession.RunOptions;
import ai.onnxruntime.TensorInfo;
import io.fundamentallm.runtime.gpu.graph.GraphSignature;
import io.fundamentallm.runtime.gpu.graph.GraphSignature.Ids;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Runs of one token for each of the same rows. They always have the same shapes at the same device
 * addresses, so CUDA can record one run and replay it (CUDA graphs). Host inputs are copied to
 * those addresses before a run, and logits back after it. Thread-safe.
 */
public final class FixedRuns implements AutoCloseable {
  /** ONNX Runtime keeps what it has recorded as long as the model is open. */
  private static final int MAX_RECORDED = 16;

  private static final String GRAPH = "gpu_graph_id";

  private final OrtSession session;
  private final OrtApi api;
  private final GraphSignature graph;
  private final List<Ids> ids;
  private final WholeCopy upload;
  private final WholeCopy download;
  private final AtomicInteger recorded = new AtomicInteger();
  private final Set<Fixed> live = new HashSet<>(); // guarded by itself

  public FixedRuns(Engine engine, GraphSignature graph) {
    this.session = engine.session();
    this.api = engine.deviceApi();
    this.graph = graph;
    this.ids = graph.ids();
    this.upload = new WholeCopy(engine, ids.stream().map(Ids::type).toList());
    this.download = new WholeCopy(engine, List.of(graph.logits().precision().type()));
  }

  /** Forbids recording a run, in a session that records. */
  public static void forbid(RunOptions options) throws OrtException {
    options.addRunConfigEntry(GRAPH, "-1");
  }

  /** For some rows; empty where too many have been recorded already. */
  public @Nullable Fixed next() throws OrtException {
    int id = recorded.incrementAndGet();
    if (id > MAX_RECORDED) {
      return null;
    }
    Fixed fixed = new Fixed(id);
    synchronized (live) {
      live.add(fixed);
    }
    return fixed;
  }

  /** The runs of some rows. Used by one run at a time. */
  public final class Fixed implements AutoCloseable {
    private final RunOptions options = new RunOptions();
    private final Map<String, OrtApi.Block> blocks = new HashMap<>();
    private final Map<String, OnnxTensor> deviceTensors = new HashMap<>();

    private Fixed(int id) throws OrtException {
      options.addRunConfigEntry(GRAPH, Integer.toString(id));
    }

    /**
     * Runs.
     *
     * @param inputs of the host, besides keys and values
     * @param pinned logits in memory of the host, besides keys and values
     */
    public Result run(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> pinned)
        throws OrtException {
      List<OnnxTensor> from = new ArrayList<>();
      List<OnnxTensor> into = new ArrayList<>();
      Map<String, OnnxTensor> deviceInputs = new HashMap<>(inputs);
      for (Ids input : ids) {
        OnnxTensor host = requireNonNull(inputs.get(input.name()));
        OnnxTensor device = deviceTensor(input.name(), host);
        from.add(host);
        into.add(device);
        deviceInputs.put(input.name(), device);
      }
      upload.copy(from, into);
      OnnxTensor host = requireNonNull(pinned.get(graph.logits().name()));
      OnnxTensor logits = deviceTensor(graph.logits().name(), host);
      Map<String, OnnxTensor> devicePinned = new HashMap<>(pinned);
      devicePinned.put(graph.logits().name(), logits);
      Result result = session.run(deviceInputs, Set.of(), devicePinned, options);
      download.copy(List.of(logits), List.of(host));
      return result;
    }

    /** The counterpart of a tensor on the device, the same each time. */
    private OnnxTensor deviceTensor(String name, OnnxTensor host) {
      return deviceTensors.computeIfAbsent(
          name,
          key -> {
            TensorInfo info = host.getInfo();
            long bytes = info.getNumElements() * info.type.size;
            OrtApi.Block block = api.allocate(bytes);
            blocks.put(name, block);
            return block.tensor(info.type, 0, info.getShape());
          });
    }

    @Override
    public void close() {
      synchronized (live) {
        if (live.remove(this)) {
          deviceTensors.values().forEach(OnnxTensor::close);
          blocks.values().forEach(OrtApi.Block::free);
          options.close();
        }
      }
    }
  }

  /** Also frees what is still in use. */
  @Override
  public void close() {
    synchronized (live) {
      List.copyOf(live).forEach(Fixed::close);
    }
    upload.close();
    download.close();
    api.close();
  }
}
