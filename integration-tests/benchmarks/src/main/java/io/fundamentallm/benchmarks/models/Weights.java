package io.fundamentallm.benchmarks.models;

/** How the matrices of a model are stored. */
public enum Weights {
  /** 32-bit floats. */
  F32(4),
  /** Bytes, with a scale for each 32 of them. */
  INT8(1),
  /** Half bytes, with a scale for each 32 of them. */
  INT4(0.5);

  private final double bytes;

  Weights(double bytes) {
    this.bytes = bytes;
  }

  /** Bytes a weight, scales left out. */
  public double bytes() {
    return bytes;
  }
}
