package io.fundamentallm.runtime.gpu.cache;

import static java.util.Objects.requireNonNull;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.Result;
import io.fundamentallm.runtime.gpu.graph.GraphSignature;
import io.fundamentallm.runtime.gpu.graph.Slot;
import io.fundamentallm.runtime.gpu.graph.TensorGroup;
import io.fundamentallm.runtime.gpu.memory.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The outputs of one run are the inputs of the next, as they are: no byte goes through the heap.
 * The graph appends to the past by copying it, so each run allocates keys and values of the whole
 * sequence; forks share theirs until each continues. Tokens are copied if a run needs a past in
 * another form than the graph left it: shortened, or beside longer sequences, with padding on the
 * left.
 */
final class FeedBack implements CacheStrategy<FeedBack.InGroup> {
  private final GraphSignature graph;
  private final Memory memory;
  private final boolean onDevice;
  private final Set<String> outputs = new LinkedHashSet<>();

  /**
   * A strategy for any graph with a past.
   *
   * @param onDevice whether the output of a run has to be allocated in the memory to stay there
   */
  FeedBack(GraphSignature graph, Memory memory, boolean onDevice) {
    this.graph = graph;
    this.memory = memory;
    this.onDevice = onDevice;
    if (!onDevice) {
      graph.slots().forEach(slot -> outputs.add(slot.present()));
    }
  }

  @Override
  public String name() {
    return "keys and values fed back "
        + (onDevice ? memory.name() : "from output to input")
        + ", as the graph appends to them by copying";
  }

  /** The tokens of a row before some column; without a group if there are none. */
  static final class InGroup extends Past {
    private final @Nullable TensorGroup group;
    private final int row;
    private final int end;

    InGroup(@Nullable TensorGroup group, int row, int length, int end) {
      super(length);
      this.group = group;
      this.row = row;
      this.end = end;
    }

    @Override
    void free() {
      if (group != null) {
        group.leave();
      }
    }
  }

  @Override
  public InGroup empty() {
    return new InGroup(null, 0, 0, 0);
  }

  @Override
  public boolean padsLeft() {
    return true;
  }

  @Override
  public boolean joins(InGroup first, int firstTokens, InGroup next, int nextTokens) {
    if (graph.oneSequence() || graph.capacity() > 0) {
      return false;
    }
    if (!graph.ragged()) {
      return first.length() == next.length()
          && firstTokens == nextTokens
          && (firstTokens == 1 || first.length() == 0 || !graph.grouped());
    }
    if (first.length() == 0 || next.length() == 0) {
      return first.length() == next.length()
          && 2 * Math.min(firstTokens, nextTokens) >= Math.max(firstTokens, nextTokens);
    }
    return firstTokens == nextTokens && 2 * next.length() >= first.length();
  }

  @Override
  public Turn<InGroup> turn(List<InGroup> pasts, List<int[]> tokens) throws OrtException {
    TensorGroup group = pasts.get(0).group;
    int[] rows = new int[pasts.size()];
    Arrays.setAll(rows, i -> pasts.get(i).row);
    if (group != null && coversGroup(group, rows, pasts)) {
      return new Run(group, false, rows, pasts, tokens);
    }
    Arrays.setAll(rows, i -> i);
    return new Run(gather(pasts), true, rows, pasts, tokens);
  }

  /** Whether pasts are exactly one whole group. */
  private boolean coversGroup(TensorGroup group, int[] rows, List<InGroup> pasts) {
    if (group.rows != rows.length) {
      return false;
    }
    boolean[] seen = new boolean[rows.length];
    for (int i = 0; i < rows.length; i++) {
      InGroup past = pasts.get(i);
      if (past.group != group || seen[rows[i]]) {
        return false;
      }
      seen[rows[i]] = true;
      boolean whole = graph.ragged() || past.length() == group.width;
      if (graph.capacity() == 0 && (past.end != group.width || !whole)) {
        return false;
      }
    }
    return true;
  }

  /** Pasts beside each other, each aligned to the right. */
  private TensorGroup gather(List<InGroup> pasts) throws OrtException {
    int longest = pasts.stream().mapToInt(InGroup::length).max().orElseThrow();
    int width = graph.capacity() > 0 ? graph.capacity() : longest;
    Memory.Rows into = memory.allocate(pasts.size(), width);
    try {
      if (longest < width) {
        into.clear();
      }
      for (int i = 0; i < pasts.size(); i++) {
        InGroup past = pasts.get(i);
        if (past.group != null && past.length() > 0) {
          copy(past, into, i);
        }
      }
      List<OnnxTensor> tensors = into.tensors(0, pasts.size());
      return new TensorGroup(
          tensors,
          pasts.size(),
          width,
          () -> {
            tensors.forEach(OnnxTensor::close);
            into.free();
          });
    } catch (OrtException | RuntimeException | Error e) {
      into.free();
      throw e;
    }
  }

  private void copy(InGroup past, Memory.Rows into, int row) throws OrtException {
    List<OnnxTensor> one = into.tensors(row, 1);
    try {
      memory
          .rowCopy()
          .copy(
              requireNonNull(past.group).tensors,
              past.row,
              past.end - past.length(),
              past.length(),
              one,
              into.width(),
              graph.capacity() > 0 ? 0 : into.width() - past.length());
    } finally {
      one.forEach(OnnxTensor::close);
    }
  }

  @Override
  public InGroup truncate(InGroup past, int length) {
    TensorGroup group = requireNonNull(past.group);
    group.share();
    return new InGroup(group, past.row, length, past.end - past.length() + length);
  }

  @Override
  public void close() {
    memory.close();
  }

  private final class Run implements Turn<InGroup> {
    private final TensorGroup group;
    private final boolean own;
    private final int[] rows;
    private final List<InGroup> pasts;
    private final List<int[]> tokens;
    private final int total;
    private @Nullable Runnable counted;
    private Memory.@Nullable Rows allocated;
    private List<OnnxTensor> pinnedTensors = List.of();

    Run(TensorGroup group, boolean own, int[] rows, List<InGroup> pasts, List<int[]> tokens)
        throws OrtException {
      this.group = group;
      this.own = own;
      this.rows = rows;
      this.pasts = pasts;
      this.tokens = tokens;
      int padded = 0;
      for (int[] some : tokens) {
        padded = Math.max(padded, some.length);
      }
      this.total = graph.capacity() > 0 ? pasts.get(0).length() + padded : group.width + padded;
      if (onDevice) {
        try {
          allocated = memory.allocate(rows.length, width());
          pinnedTensors = allocated.tensors(0, rows.length);
        } catch (OrtException | RuntimeException | Error e) {
          close();
          throw e;
        }
      } else {
        try {
          counted = memory.count(rows.length, width());
        } catch (RuntimeException | Error e) {
          close();
          throw e;
        }
      }
    }

    /** The width of what comes out. */
    private int width() {
      return graph.capacity() > 0 ? graph.capacity() : total;
    }

    @Override
    public int row(int sequence) {
      return rows[sequence];
    }

    @Override
    public int total() {
      return total;
    }

    @Override
    public void feed(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> pinned) {
      for (int i = 0; i < graph.slots().size(); i++) {
        inputs.put(graph.slots().get(i).past(), group.tensors.get(i));
        if (allocated != null) {
          pinned.put(graph.slots().get(i).present(), pinnedTensors.get(i));
        }
      }
    }

    @Override
    public Set<String> outputs() {
      return outputs;
    }

    @Override
    public List<InGroup> take(@Nullable Result result) {
      TensorGroup next = next(requireNonNull(result));
      List<InGroup> nexts = new ArrayList<>(pasts.size());
      for (int i = 0; i < pasts.size(); i++) {
        int length = pasts.get(i).length() + tokens.get(i).length;
        nexts.add(new InGroup(next, rows[i], length, graph.capacity() > 0 ? length : next.width));
      }
      return nexts;
    }

    private TensorGroup next(Result result) {
      if (allocated != null) {
        result.close();
        Memory.Rows kept = allocated;
        List<OnnxTensor> tensors = pinnedTensors;
        allocated = null;
        return new TensorGroup(
            tensors,
            rows.length,
            width(),
            () -> {
              tensors.forEach(OnnxTensor::close);
              kept.free();
            });
      }
      List<OnnxTensor> tensors = new ArrayList<>(graph.slots().size());
      for (Slot slot : graph.slots()) {
        OnnxTensor tensor = (OnnxTensor) result.get(slot.present()).orElseThrow();
        long[] shape = tensor.getInfo().getShape();
        if (!Arrays.equals(shape, slot.shape(rows.length, width()))) {
          result.close();
          throw new IllegalStateException(
              "the graph does not keep its past: "
                  + slot.present()
                  + " is "
                  + Arrays.toString(shape)
                  + " after "
                  + total
                  + " tokens, expected "
                  + Arrays.toString(slot.shape(rows.length, width())));
        }
        tensors.add(tensor);
      }
      Runnable freed = requireNonNull(counted);
      counted = null;
      return new TensorGroup(
          tensors,
          rows.length,
          width(),
          () -> {
            result.close();
            freed.run();
          });
    }

    @Override
    public void close() {
      if (allocated != null) {
        pinnedTensors.forEach(OnnxTensor::close);
        allocated.free();
        allocated = null;
      }
      if (counted != null) {
        counted.run();
      }
      if (own) {
        for (int i = 0; i < group.rows; i++) {
          group.leave();
        }
      }
    }
  }
}
