package io.fundamentallm.runtime.gpu;

import ai.onnxruntime.OrtException;

/** Chooses how keys and values are kept, from what the graph and the device can do. */
final class CacheStrategies {
  private CacheStrategies() {}

  /**
   * The strategy for a graph.
   *
   * @param onDevice whether the device has a memory of its own that can be reached
   */
  static CacheStrategy choose(
      Engine engine, Graph graph, int contextLength, Budget budget, boolean onDevice)
      throws OrtException {
    if (graph.slots().isEmpty()) {
      return new Recomputation();
    }
    Memory memory =
        onDevice
            ? new DeviceMemory(engine, engine.deviceApi(), graph.slots(), budget)
            : new HostMemory(engine.environment(), graph.slots(), budget);
    if (graph.inPlace()) {
      boolean fixed = engine.cudaGraphs() && onDevice && !graph.cacheBranch();
      FixedRuns fixedRuns = fixed ? new FixedRuns(engine, graph) : null;
      return new SharedBuffer(graph, memory, contextLength, fixedRuns);
    }
    return new FeedBack(graph, memory, new RowCopy(engine, graph.slots()), onDevice);
  }
}
