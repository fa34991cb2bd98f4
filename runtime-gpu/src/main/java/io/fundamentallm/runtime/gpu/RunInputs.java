package io.fundamentallm.runtime.gpu;

import static java.util.Objects.requireNonNull;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.fundamentallm.runtime.gpu.cache.PastSequence;
import io.fundamentallm.runtime.gpu.cache.Turn;
import io.fundamentallm.runtime.gpu.graph.GraphNames;
import io.fundamentallm.runtime.gpu.graph.GraphSignature;
import io.fundamentallm.runtime.gpu.graph.GraphSignature.Ids;
import io.fundamentallm.runtime.gpu.memory.NativeArray;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What goes into a run besides keys and values: token ids, and their positions in their sequences.
 * Belongs to one run at a time.
 */
final class RunInputs implements AutoCloseable {
  private final GraphSignature graph;
  private final Map<String, NativeArray> arrays = new HashMap<>();
  private final NativeArray ones;
  private int onesSet;
  private final OnnxTensor[] branches = new OnnxTensor[2];

  RunInputs(OrtEnvironment environment, GraphSignature graph) throws OrtException {
    this.graph = graph;
    graph.ids().forEach(ids -> arrays.put(ids.name(), NativeArray.ofIds(environment, ids.type())));
    ones = NativeArray.ofIds(environment, graph.attentionMask().orElse(graph.inputIds()).type());
    if (graph.cacheBranch()) {
      branches[0] = OnnxTensor.createTensor(environment, new boolean[] {false});
      branches[1] = OnnxTensor.createTensor(environment, new boolean[] {true});
    }
  }

  private NativeArray array(Ids ids, int count) {
    NativeArray array = requireNonNull(arrays.get(ids.name()));
    array.reserve(count);
    return array;
  }

  /**
   * Adds them to the inputs.
   *
   * @param padsLeft where sequences with fewer tokens are padded
   * @param keep how many of the last columns need logits
   */
  void feed(
      List<? extends PastSequence<?>> sequences,
      Turn<?> turn,
      boolean padsLeft,
      int columns,
      int keep,
      Map<String, OnnxTensor> inputs)
      throws OrtException {
    int rows = sequences.size();
    NativeArray ids = array(graph.inputIds(), rows * columns);
    for (int i = 0; i < rows; i++) {
      PastSequence<?> sequence = sequences.get(i);
      int at = turn.row(i) * columns;
      int pad = padsLeft ? columns - sequence.count() : 0;
      for (int column = 0; column < columns; column++) {
        ids.put(at + column, token(sequence, column - pad));
      }
    }
    inputs.put(graph.inputIds().name(), ids.tensor(rows, columns));
    if (graph.positionIds().isPresent()) {
      Ids name = graph.positionIds().get();
      NativeArray positions = array(name, rows * columns);
      for (int i = 0; i < rows; i++) {
        int at = turn.row(i) * columns;
        int pad = padsLeft ? columns - sequences.get(i).count() : 0;
        int first = sequences.get(i).length() - sequences.get(i).count() - pad;
        for (int column = 0; column < columns; column++) {
          positions.put(at + column, Math.max(0, first + column));
        }
      }
      inputs.put(name.name(), positions.tensor(rows, columns));
    }
    if (graph.attentionMask().isPresent()) {
      inputs.put(
          graph.attentionMask().get().name(),
          mask(graph.attentionMask().get(), sequences, turn, padsLeft));
    }
    feedLengths(sequences, turn, columns, keep, inputs);
  }

  private static int token(PastSequence<?> sequence, int at) {
    if (at < 0 || at >= sequence.count()) {
      return 0; // padding
    }
    return at < sequence.again().length
        ? sequence.again()[at]
        : sequence.tokens()[at - sequence.again().length];
  }

  private OnnxTensor mask(
      Ids name, List<? extends PastSequence<?>> sequences, Turn<?> turn, boolean padsLeft)
      throws OrtException {
    int width = graph.maskWidth() > 0 ? graph.maskWidth() : turn.total();
    if (sequences.size() == 1 && sequences.get(0).length() == width) {
      if (ones.capacity() < width) {
        onesSet = 0;
        ones.reserve(width);
      }
      if (onesSet != ones.capacity()) {
        for (int i = 0; i < ones.capacity(); i++) {
          ones.put(i, 1);
        }
        onesSet = ones.capacity();
      }
      return ones.tensor(1, width);
    }
    NativeArray mask = array(name, sequences.size() * width);
    for (int i = 0; i < sequences.size(); i++) {
      int at = turn.row(i) * width;
      int seen = sequences.get(i).length();
      int from = padsLeft && graph.maskWidth() == 0 ? width - seen : 0;
      for (int column = 0; column < width; column++) {
        mask.put(at + column, column >= from && column < from + seen ? 1 : 0);
      }
    }
    return mask.tensor(sequences.size(), width);
  }

  private void feedLengths(
      List<? extends PastSequence<?>> sequences,
      Turn<?> turn,
      int columns,
      int keep,
      Map<String, OnnxTensor> inputs)
      throws OrtException {
    PastSequence<?> first = sequences.get(0);
    if (graph.cachePosition().isPresent()) {
      Ids name = graph.cachePosition().get();
      NativeArray positions = array(name, columns);
      for (int column = 0; column < columns; column++) {
        positions.put(column, first.length() - columns + column);
      }
      inputs.put(name.name(), positions.tensor(columns));
    }
    if (graph.lastPositions().isPresent()) {
      Ids name = graph.lastPositions().get();
      NativeArray last = array(name, sequences.size());
      for (int i = 0; i < sequences.size(); i++) {
        last.put(turn.row(i), sequences.get(i).length() - 1);
      }
      inputs.put(
          name.name(),
          name.rank() == 1 ? last.tensor(sequences.size()) : last.tensor(sequences.size(), 1));
    }
    graph.totalLength().ifPresent(ids -> array(ids, 1).put(0, turn.total()));
    graph.logitsToKeep().ifPresent(ids -> array(ids, 1).put(0, keep));
    feedOne(graph.totalLength().orElse(null), inputs);
    feedOne(graph.logitsToKeep().orElse(null), inputs);
    if (graph.cacheBranch()) {
      inputs.put(GraphNames.USE_CACHE_BRANCH, branches[first.length() > first.count() ? 1 : 0]);
    }
  }

  private void feedOne(@Nullable Ids name, Map<String, OnnxTensor> inputs) throws OrtException {
    if (name != null) {
      long[] shape = new long[name.rank()];
      Arrays.fill(shape, 1);
      inputs.put(name.name(), array(name, 1).tensor(shape));
    }
  }

  @Override
  public void close() {
    arrays.values().forEach(NativeArray::close);
    ones.close();
    for (OnnxTensor branch : branches) {
      if (branch != null) {
        branch.close();
      }
    }
  }
}
