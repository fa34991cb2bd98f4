package io.fundamentallm.runtime.cpu.gguf;

import io.fundamentallm.runtime.cpu.format.tensor.TensorType;

/**
 * llama.cpp's {@code llama_ftype}: a type for most matrices, and a rule for the others, that of its
 * {@code llama_tensor_get_type}.
 */
enum FileType {
  F32(0, TensorType.F32),
  F16(1, TensorType.F16),
  BF16(32, TensorType.BF16),
  Q8_0(7, TensorType.Q8_0),
  Q4_0(2, TensorType.Q4_0),
  Q4_K_M(15, TensorType.Q4_K),
  Q6_K(18, TensorType.Q6_K);

  /** The number under {@code general.file_type}. */
  final int number;

  private final TensorType most;

  FileType(int number, TensorType most) {
    this.number = number;
    this.most = most;
  }

  boolean quantized() {
    return most.blockElements() > 1;
  }

  /** The type of a tensor. */
  TensorType type(FileTensor tensor, int layers, int experts) {
    if (tensor.role() == FileTensor.Role.EXACT) {
      return TensorType.F32;
    }
    return quantized() ? fitting(wanted(tensor, layers, experts), tensor.matrix().columns()) : most;
  }

  private TensorType wanted(FileTensor tensor, int layers, int experts) {
    boolean better = this == Q4_K_M && isSensitive(tensor.layer(), layers);
    return switch (tensor.role()) {
      case HEAD ->
          most == TensorType.Q8_0 || tensor.matrix().columns() % most.blockElements() != 0
              ? TensorType.Q8_0
              : TensorType.Q6_K;
      case VALUES -> experts == 8 ? TensorType.Q8_0 : better ? TensorType.Q6_K : most;
      case KEYS -> experts == 8 ? TensorType.Q8_0 : most;
      case ATTENTION_OUT -> experts == 8 && this == Q4_K_M ? TensorType.Q5_K : most;
      case DOWN -> better ? TensorType.Q6_K : most;
      case EXACT, OTHER -> most;
    };
  }

  /** The first and the last eighth of the layers, and every third between them. */
  private static boolean isSensitive(int layer, int layers) {
    return layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
  }

  /** A type whose blocks fit a row: that one, or else llama.cpp's substitute for it. */
  private static TensorType fitting(TensorType type, int columns) {
    if (columns % type.blockElements() == 0) {
      return type;
    }
    TensorType smaller =
        switch (type) {
          case Q4_K -> TensorType.Q5_0;
          case Q5_K -> TensorType.Q5_1;
          case Q6_K -> TensorType.Q8_0;
          default -> type;
        };
    return columns % smaller.blockElements() == 0 ? smaller : TensorType.F16;
  }

  /** The number of a type in a file, {@code ggml_type}. */
  static int number(TensorType type) {
    return switch (type) {
      case F32 -> 0;
      case F16 -> 1;
      case Q4_0 -> 2;
      case Q5_0 -> 6;
      case Q5_1 -> 7;
      case Q8_0 -> 8;
      case Q4_K -> 12;
      case Q5_K -> 13;
      case Q6_K -> 14;
      case BF16 -> 30;
      default -> throw new IllegalArgumentException(type + " is not written");
    };
  }
}
