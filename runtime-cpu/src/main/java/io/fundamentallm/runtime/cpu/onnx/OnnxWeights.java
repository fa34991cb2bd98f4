package io.fundamentallm.runtime.cpu.onnx;

/**
 * How the matrices of an exported model are held; vectors and position tables are always 32-bit
 * floats. Immutable.
 *
 * @param bits of a weight: 32, 8 or 4
 * @param roundedInputs whether the inputs of products are rounded, see {@link #withRoundedInputs}
 */
public record OnnxWeights(int bits, boolean roundedInputs) {
  /** 32-bit floats, in operators of ONNX alone (opset 23). */
  public static final OnnxWeights F32 = new OnnxWeights(32, false);

  /**
   * 8 bits, with a scale for each 32 weights of a row: the same weights as those of the runtime
   * {@code cpu} with {@code weights=int8}. Needs ONNX Runtime's own operators.
   */
  public static final OnnxWeights INT8 = new OnnxWeights(8, false);

  /**
   * 4 bits, with a scale and a minimum for each 32 weights of a row, and 8 bits in the last matrix
   * of each feed-forward layer: the same weights as those of the runtime {@code cpu} with {@code
   * weights=int4}. Needs ONNX Runtime's own operators.
   */
  public static final OnnxWeights INT4 = new OnnxWeights(4, false);

  /** Checks the values. */
  public OnnxWeights {
    if (bits != 32 && bits != 8 && bits != 4) {
      throw new IllegalArgumentException("bits must be 32, 8 or 4, not " + bits);
    }
    if (bits == 32 && roundedInputs) {
      throw new IllegalArgumentException("only products with 8 or 4 bits take rounded inputs");
    }
  }

  /**
   * The same weights, with the inputs of products rounded to 8 bits, as the runtime {@code cpu}
   * does it ({@code accuracy_level} 4 of MatMulNBits). Without it products take floats, and the
   * logits are those of the weights to the last digits, but ONNX Runtime has fast code for that
   * with 4 bits only: it was 10 times slower for a token of {@link #INT4}, 60 times of {@link
   * #INT8} (6 layers of 768 channels, one thread, ONNX Runtime 1.29).
   *
   * @throws IllegalArgumentException for {@link #F32}
   */
  public OnnxWeights withRoundedInputs() {
    return new OnnxWeights(bits, true);
  }
}
