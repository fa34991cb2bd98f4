package io.fundamentallm.benchmarks.models;

import io.fundamentallm.runtime.cpu.gguf.GgufWeights;

/** How the matrices of a model are stored. */
public enum Weights {
  /** 32-bit floats. */
  F32(4, GgufWeights.F32),
  /** Bytes, with a scale for each 32 of them. */
  INT8(1, GgufWeights.Q8_0),
  /** Half bytes, with a scale for each 32 of them. */
  INT4(0.5, GgufWeights.Q4_0);

  private final double bytes;

  @SuppressWarnings("ImmutableEnumChecker") // it is immutable
  private final GgufWeights gguf;

  Weights(double bytes, GgufWeights gguf) {
    this.bytes = bytes;
    this.gguf = gguf;
  }

  /** The form nearest to it in GGUF files. */
  public GgufWeights gguf() {
    return gguf;
  }

  /** Bytes a weight, scales left out. */
  public double bytes() {
    return bytes;
  }
}
