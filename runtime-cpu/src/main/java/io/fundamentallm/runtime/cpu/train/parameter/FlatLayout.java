package io.fundamentallm.runtime.cpu.train.parameter;

import java.util.List;

/** Tensors and where each is in one flat {@code float[]}. Immutable. */
public interface FlatLayout {
  /** The tensors, in the order of their offsets; there may be gaps between them. */
  List<ParameterLayout.Tensor> tensors();

  /** The length of the flat array. */
  int size();
}
