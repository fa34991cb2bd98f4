package io.fundamentallm.runtime.gpu.cache;

import io.fundamentallm.runtime.gpu.graph.GraphSignature;
import io.fundamentallm.runtime.gpu.memory.DeviceMemory;
import io.fundamentallm.runtime.gpu.memory.HostMemory;
import io.fundamentallm.runtime.gpu.memory.Memory;
import io.fundamentallm.runtime.gpu.memory.MemoryBudget;
import io.fundamentallm.runtime.gpu.ort.Engine;
import io.fundamentallm.runtime.gpu.ort.FixedRuns;

/** Chooses how keys and values are kept, from what the graph and the device can do. */
public final class CacheStrategies {
  private CacheStrategies() {}

  /**
   * The strategy for a graph.
   *
   * @param onDevice whether the device has its own memory and it can be accessed
   */
  public static CacheStrategy<?> choose(
      Engine engine,
      GraphSignature graph,
      int contextLength,
      MemoryBudget budget,
      boolean onDevice) {
    if (graph.slots().isEmpty()) {
      return new Recomputation();
    }
    Memory memory =
        onDevice
            ? new DeviceMemory(engine, graph.slots(), budget)
            : new HostMemory(engine, graph.slots(), budget);
    if (graph.inPlace()) {
      boolean fixed = engine.cudaGraphs() && onDevice && !graph.cacheBranch();
      FixedRuns fixedRuns = fixed ? new FixedRuns(engine, graph) : null;
      return new SharedBuffer(graph, memory, contextLength, fixedRuns);
    }
    return new FeedBack(graph, memory, onDevice);
  }
}
