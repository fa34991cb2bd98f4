package io.fundamentallm.benchmarks.inference;

import io.fundamentallm.runtime.cpu.onnx.OnnxWeights;
import java.util.Locale;

/** The forms of exported models, by what they let a runtime do with keys and values. */
enum ExportForm {
  /** Floats and ONNX's own operator, which gives keys and values out to be fed back. */
  ATTENTION("f32, Attention", OnnxWeights.F32),
  /** Floats and ONNX Runtime's operator, which can leave them in a buffer. */
  GROUPED("f32, GroupQueryAttention", OnnxWeights.F32.withGroupQueryAttention()),
  /** Four bits, with the same operator; there are none with the other. */
  INT4("int4, GroupQueryAttention", OnnxWeights.INT4.withRoundedInputs());

  private final String description;

  @SuppressWarnings("ImmutableEnumChecker") // a record of a number and two flags
  private final OnnxWeights weights;

  ExportForm(String description, OnnxWeights weights) {
    this.description = description;
    this.weights = weights;
  }

  static ExportForm of(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  OnnxWeights weights() {
    return weights;
  }

  boolean floats() {
    return weights.bits() == OnnxWeights.F32.bits();
  }

  @Override
  public String toString() {
    return description;
  }
}
