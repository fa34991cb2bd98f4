package io.fundamentallm.runtime.cpu.kernels.elementwise;

/** Operations on one element of each operand at a time, n elements in all. */
public interface ElementwiseKernels {

  /** {@code y[i] += x[i]}. */
  void add(int n, float[] x, int xAt, float[] y, int yAt);

  /** {@code y[i] *= x[i]}. */
  void multiply(int n, float[] x, int xAt, float[] y, int yAt);

  /** {@code x[i] *= factor}. */
  void scale(int n, float factor, float[] x, int xAt);

  /**
   * A soft cap (Gemma Team 2024): {@code x[i] = cap·tanh(scale·x[i]/cap)}.
   *
   * @param cap above zero
   */
  void cap(int n, float scale, float cap, float[] x, int xAt);

  /**
   * The slope of {@link #cap}, from what that gave: {@code y[i] = scale·(1 − (x[i]/cap)²)}.
   *
   * @param cap above zero
   */
  void capSlope(int n, float scale, float cap, float[] x, int xAt, float[] y, int yAt);

  /** Adds each row of x [rows][n] to {@code sums} [n]: the gradient of a bias. */
  void addColumnSums(int rows, int n, float[] x, int xAt, int ldx, float[] sums, int sumsAt);

  /** {@code y[i] = f(x[i])}; y is not x. */
  void activate(Activation f, int n, float[] x, int xAt, float[] y, int yAt);

  /** {@code y[i] = f'(x[i])}; y may be x. */
  void slope(Activation f, int n, float[] x, int xAt, float[] y, int yAt);

  /**
   * A gated activation: {@code y = f(gate)·up}.
   *
   * @param panels of y
   * @param x [panels][gate [PANEL], up [PANEL]]
   * @param y [panels][PANEL]
   */
  void gate(Activation f, int panels, float[] x, int xAt, float[] y, int yAt);

  /**
   * The gate of gpt-oss (OpenAI 2025): {@code y = g·sigmoid(1.702·g)·(u + 1)}, where g is the gate,
   * at most the limit, and u is up, from minus the limit to the limit.
   *
   * @param panels of y
   * @param x [panels][gate [PANEL], up [PANEL]]
   * @param y [panels][PANEL]
   */
  void limitedGate(float limit, int panels, float[] x, int xAt, float[] y, int yAt);

  /**
   * GELU in the tanh form of GPT-2 (Hendrycks and Gimpel 2016; {@code gelu_new} in Hugging Face):
   * {@code y = x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³)))}. It replaces x by the slope gelu'(x), so
   * that the backward pass only multiplies by it.
   */
  void gelu(int n, float[] x, int xAt, float[] y, int yAt);

  /**
   * SwiGLU (Shazeer 2020): {@code y[i] = silu(gate[i])·up[i]}.
   *
   * @param x gate [n], up [n]
   * @param y [n]
   */
  void swiglu(int n, float[] x, int xAt, float[] y, int yAt);

  /**
   * Gradient of {@link #swiglu} with respect to x.
   *
   * @param dy [n]
   * @param dx receives the gradients of gate [n] and up [n]
   */
  void swigluBackward(int n, float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt);

  /**
   * Inverted dropout (Srivastava et al. 2014): {@code x[i]} becomes zero with a probability of
   * {@code threshold/2²⁴}, and {@code scale·x[i]} otherwise. Which of the two is a pure function of
   * the key and of {@code first + i}: lowbias32 of Wellons' Hash Prospector (2018), with half of
   * the key before its first multiplication and half before its second.
   *
   * @param threshold from 0 to 2²⁴
   */
  void dropout(int n, long key, int first, int threshold, float scale, float[] x, int xAt);
}
