package io.fundamentallm.runtime.cpu.onnx;

/**
 * How an exported model holds its matrices. Vectors and position tables are always 32-bit floats.
 * Immutable.
 *
 * @param bits of a weight: 32, 16, 8 or 4
 * @param roundedInputs whether the inputs of products are rounded, see {@link #withRoundedInputs}
 * @param groupQueryAttention whether attention is ONNX Runtime's own, see {@link
 *     #withGroupQueryAttention}
 */
public record OnnxWeights(int bits, boolean roundedInputs, boolean groupQueryAttention) {
  /** 32-bit floats, with standard ONNX operators only (opset 23). */
  public static final OnnxWeights F32 = new OnnxWeights(32, false, false);

  /**
   * 16-bit floats (IEEE 754 binary16), also for keys and values, for CUDA: half the memory, and the
   * only type that GroupQueryAttention takes there. Between products numbers are 32-bit floats, and
   * so are logits. Works on the CPU, slowly. Matrices with weights beyond 65,504 are refused.
   */
  public static final OnnxWeights F16 = new OnnxWeights(16, false, true);

  /**
   * 8 bits, with a scale for each 32 weights of a row: the same weights as those of the runtime
   * {@code cpu} with {@code weights=int8}. Needs ONNX Runtime's own operators.
   */
  public static final OnnxWeights INT8 = new OnnxWeights(8, false, true);

  /**
   * 4 bits, with a scale and a minimum for each 32 weights of a row, and 8 bits in the last matrix
   * of each feed-forward layer: the same weights as those of the runtime {@code cpu} with {@code
   * weights=int4}. Needs ONNX Runtime's own operators.
   */
  public static final OnnxWeights INT4 = new OnnxWeights(4, false, true);

  /** Checks the values. */
  public OnnxWeights {
    if (bits != 32 && bits != 16 && bits != 8 && bits != 4) {
      throw new IllegalArgumentException("bits must be 32, 16, 8 or 4, not " + bits);
    }
    if (bits >= 16 && roundedInputs) {
      throw new IllegalArgumentException("only products with 8 or 4 bits take rounded inputs");
    }
    if (bits != 32 && !groupQueryAttention) {
      throw new IllegalArgumentException(
          "16, 8 and 4 bits are for ONNX Runtime, so they come with its GroupQueryAttention");
    }
  }

  /**
   * The same weights, with the inputs of products rounded to 8 bits, as the runtime {@code cpu}
   * does ({@code accuracy_level} 4 of MatMulNBits). Without it, products take floats, and the
   * logits are those of the weights to the last digits. But ONNX Runtime has fast code for that
   * only with 4 bits: a token was 10 times slower with {@link #INT4}, 60 times with {@link #INT8}
   * (6 layers of 768 channels, one thread, ONNX Runtime 1.29).
   *
   * @throws IllegalArgumentException for {@link #F32} and {@link #F16}
   */
  public OnnxWeights withRoundedInputs() {
    return new OnnxWeights(bits, true, groupQueryAttention);
  }

  /**
   * The same weights with ONNX Runtime's GroupQueryAttention, which the forms with fewer bits
   * always have: keys and values can then stay where they are from token to token, while ONNX's own
   * Attention copies all of them for each. It is faster, especially for long sequences, but works
   * with floats on the CPU only. It has no effect if the head size is not a multiple of 8.
   */
  public OnnxWeights withGroupQueryAttention() {
    return new OnnxWeights(bits, roundedInputs, true);
  }
}
