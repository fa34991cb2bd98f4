package io.fundamentallm.runtime.cpu.train.optimizer;

import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.parameter.FlatLayout;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** The flat array of parameters, or some of its tensors, in pieces of work for the threads. */
final class ParameterPieces {

  /** Elements of a piece: 64 KiB of each of the arrays. */
  private static final int SIZE = 16 * 1024;

  /**
   * A range of one tensor.
   *
   * @param from first index
   * @param count elements
   * @param decayed whether weight decay applies
   */
  record Piece(int from, int count, boolean decayed) {}

  private final Parallel parallel;
  private final List<Piece> pieces = new ArrayList<>();

  ParameterPieces(FlatLayout layout, Parallel parallel, Predicate<ParameterLayout.Tensor> which) {
    this.parallel = parallel;
    for (ParameterLayout.Tensor tensor : layout.tensors()) {
      int size = which.test(tensor) ? tensor.size() : 0;
      for (int i = 0; i < size; i += SIZE) {
        pieces.add(new Piece(tensor.offset() + i, Math.min(SIZE, size - i), tensor.decayed()));
      }
    }
  }

  int count() {
    return pieces.size();
  }

  /** Work on one piece. */
  @FunctionalInterface
  interface Work {
    void run(int index, Piece piece);
  }

  void run(Work work) {
    parallel.run(pieces.size(), (i, slot) -> work.run(i, pieces.get(i)));
  }
}
