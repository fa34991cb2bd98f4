package io.fundamentallm.runtime.cpu.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where each tensor of a GPT-2 model lies in one flat {@code float[]} of all parameters. Gradients
 * and optimiser moments are flat arrays of the same layout.
 *
 * <p>Names and shapes are those of the model files that OpenAI published in Hugging Face's layout,
 * without prefix: {@code wte.weight} [V][C], {@code h.0.attn.c_attn.weight} [C][3C], and so on.
 * Matrices of linear layers are stored [in][out]. The language-model head is {@code wte.weight}
 * itself. Immutable.
 */
public final class ParameterLayout {

  /**
   * One tensor.
   *
   * @param name its name in a model file
   * @param shape its dimensions, outermost first
   * @param offset index of its first element in the flat array
   * @param decayed whether weight decay applies: to matrices, the embeddings among them, as in
   *     nanoGPT
   */
  public record Tensor(String name, List<Integer> shape, int offset, boolean decayed) {

    /** Copies the shape. */
    public Tensor {
      shape = List.copyOf(shape);
    }

    /** Number of elements. */
    public int size() {
      return shape.stream().reduce(1, Math::multiplyExact);
    }
  }

  /**
   * Offsets of the tensors of one transformer block.
   *
   * @param norm1Weight {@code ln_1.weight} [C]
   * @param norm1Bias {@code ln_1.bias} [C]
   * @param attentionWeight {@code attn.c_attn.weight} [C][3C]: queries, keys, values
   * @param attentionBias {@code attn.c_attn.bias} [3C]
   * @param attentionOutWeight {@code attn.c_proj.weight} [C][C]
   * @param attentionOutBias {@code attn.c_proj.bias} [C]
   * @param norm2Weight {@code ln_2.weight} [C]
   * @param norm2Bias {@code ln_2.bias} [C]
   * @param mlpWeight {@code mlp.c_fc.weight} [C][4C]
   * @param mlpBias {@code mlp.c_fc.bias} [4C]
   * @param mlpOutWeight {@code mlp.c_proj.weight} [4C][C]
   * @param mlpOutBias {@code mlp.c_proj.bias} [C]
   */
  public record Block(
      int norm1Weight,
      int norm1Bias,
      int attentionWeight,
      int attentionBias,
      int attentionOutWeight,
      int attentionOutBias,
      int norm2Weight,
      int norm2Bias,
      int mlpWeight,
      int mlpBias,
      int mlpOutWeight,
      int mlpOutBias) {}

  private final List<Tensor> tensors = new ArrayList<>();
  private final Map<String, Tensor> byName = new HashMap<>();
  private final List<Block> blocks = new ArrayList<>();
  private final int tokenEmbedding;
  private final int positionEmbedding;
  private final int finalNormWeight;
  private final int finalNormBias;
  private int size;

  /**
   * Lays out the parameters of a model.
   *
   * @throws IllegalArgumentException if there are more than 2³¹ − 1 of them
   */
  public ParameterLayout(Gpt2Config config) {
    int c = config.hiddenSize();
    try {
      int wide = Math.multiplyExact(4, c);
      tokenEmbedding = add("wte.weight", config.vocabularySize(), c);
      positionEmbedding = add("wpe.weight", config.contextLength(), c);
      for (int i = 0; i < config.layers(); i++) {
        String h = "h." + i + ".";
        blocks.add(
            new Block(
                add(h + "ln_1.weight", c),
                add(h + "ln_1.bias", c),
                add(h + "attn.c_attn.weight", c, 3 * c),
                add(h + "attn.c_attn.bias", 3 * c),
                add(h + "attn.c_proj.weight", c, c),
                add(h + "attn.c_proj.bias", c),
                add(h + "ln_2.weight", c),
                add(h + "ln_2.bias", c),
                add(h + "mlp.c_fc.weight", c, wide),
                add(h + "mlp.c_fc.bias", wide),
                add(h + "mlp.c_proj.weight", wide, c),
                add(h + "mlp.c_proj.bias", c)));
      }
      finalNormWeight = add("ln_f.weight", c);
      finalNormBias = add("ln_f.bias", c);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "a model of this shape has more than " + Integer.MAX_VALUE + " parameters: " + config, e);
    }
  }

  private int add(String name, Integer... shape) {
    Tensor tensor = new Tensor(name, List.of(shape), size, shape.length == 2);
    size = Math.addExact(size, tensor.size());
    tensors.add(tensor);
    byName.put(name, tensor);
    return tensor.offset();
  }

  /** All tensors, in the order of their offsets, without gaps. */
  public List<Tensor> tensors() {
    return List.copyOf(tensors);
  }

  /**
   * The tensor of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Tensor tensor(String name) {
    Tensor tensor = byName.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "no tensor '" + name + "' in a GPT-2 model of " + blocks.size() + " layers");
    }
    return tensor;
  }

  /** Number of parameters: the length of the flat array. */
  public int size() {
    return size;
  }

  /** Offsets of the tensors of block i. */
  public Block block(int i) {
    return blocks.get(i);
  }

  /** Offset of {@code wte.weight} [V][C], the token embedding and the language-model head. */
  public int tokenEmbedding() {
    return tokenEmbedding;
  }

  /** Offset of {@code wpe.weight} [T][C], the position embedding. */
  public int positionEmbedding() {
    return positionEmbedding;
  }

  /** Offset of {@code ln_f.weight} [C]. */
  public int finalNormWeight() {
    return finalNormWeight;
  }

  /** Offset of {@code ln_f.bias} [C]. */
  public int finalNormBias() {
    return finalNormBias;
  }
}
