package io.fundamentallm.runtime.cpu.kernels.product;

/** In which numbers large products are computed; sums always have 32 bits. */
public enum Precision {
  /** 32-bit weights in 32 bits, and all others in 16 where the processor can. */
  AUTO,
  /** 32 bits. */
  F32,
  /** BF16: both operands are rounded to the upper half of a 32-bit float. */
  BF16
}
