package io.fundamentallm.runtime.cpu.kernels.elementwise;

/** The non-linearity of a feed-forward layer. */
public enum Activation {
  /** GELU by the error function (Hendrycks and Gimpel 2016); {@code gelu} in Hugging Face. */
  GELU,
  /** GELU in its tanh form; {@code gelu_new} and {@code gelu_pytorch_tanh}. */
  GELU_TANH,
  /** {@code x·sigmoid(x)}; {@code silu} or {@code swish}. */
  SILU,
  /** {@code max(0, x)}. */
  RELU
}
