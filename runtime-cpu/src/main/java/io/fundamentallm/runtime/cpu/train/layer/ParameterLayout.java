package io.fundamentallm.runtime.cpu.train.layer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where each tensor of a model is in one flat {@code float[]} of all parameters. Gradients and
 * optimiser moments are flat arrays of the same layout.
 *
 * <p>Names and shapes are those of Hugging Face's files. GPT-2's come without {@link #prefix()}:
 * {@code wte.weight} [V][C], {@code h.0.attn.c_attn.weight} [C][3C], and so on; its matrices of
 * linear layers are stored [in][out]. Llama's are stored [out][in], {@code
 * model.layers.0.self_attn.q_proj.weight} [H·D][C], and those that are computed together follow one
 * another: queries, keys, values; gate, up. Immutable.
 */
public final class ParameterLayout implements FlatLayout {

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

    /** Whether it is a matrix within the blocks, or of an adapter; neither embedding nor head. */
    public boolean hidden() {
      return shape.size() == 2
          && (name.startsWith("h.")
              || name.startsWith("model.layers.")
              || name.startsWith("base_model."));
    }

    /** Number of elements. */
    public int size() {
      return shape.stream().reduce(1, Math::multiplyExact);
    }
  }

  /** The offset of a tensor that a style does not have. */
  public static final int NONE = -1;

  /**
   * Offsets of the two tensors of a layer.
   *
   * @param bias {@link #NONE} for Llama
   */
  public record Place(int weight, int bias) {}

  /**
   * Where the tensors of one transformer block are, with GPT-2's names for the weights.
   *
   * @param norm1 {@code ln_1} or {@code input_layernorm} [C]
   * @param attention {@code attn.c_attn} [C][3C]; or {@code self_attn.q_proj} [H·D][C] and those of
   *     keys and values: queries, keys, values
   * @param attentionOut {@code attn.c_proj} [C][C] or {@code self_attn.o_proj}
   * @param norm2 {@code ln_2} or {@code post_attention_layernorm} [C]
   * @param mlp {@code mlp.c_fc} [C][I]; or {@code mlp.gate_proj} and {@code mlp.up_proj} [I][C]
   * @param mlpOut {@code mlp.c_proj} [I][C] or {@code mlp.down_proj} [C][I]
   */
  public record Block(
      Place norm1, Place attention, Place attentionOut, Place norm2, Place mlp, Place mlpOut) {}

  private final List<Tensor> tensors = new ArrayList<>();
  private final Map<String, Tensor> byName = new HashMap<>();
  private final List<Block> blocks = new ArrayList<>();
  private final String prefix;
  private final int tokenEmbedding;
  private final int positionEmbedding;
  private final int finalNormWeight;
  private final int finalNormBias;
  private final int head;
  private int size;

  /**
   * Lays out the parameters of a model.
   *
   * @throws IllegalArgumentException if there are more than 2³¹ − 1 of them
   */
  public ParameterLayout(TrainableConfig config) {
    int c = config.hiddenSize();
    int v = config.vocabularySize();
    try {
      if (config.isLlama()) {
        prefix = "";
        tokenEmbedding = add("model.embed_tokens.weight", v, c);
        positionEmbedding = NONE;
        for (int i = 0; i < config.layers(); i++) {
          blocks.add(llama("model.layers." + i + ".", config));
        }
        finalNormWeight = add("model.norm.weight", c);
        finalNormBias = NONE;
        head = config.tied() ? tokenEmbedding : add("lm_head.weight", v, c);
      } else {
        prefix = "transformer.";
        tokenEmbedding = add("wte.weight", v, c);
        positionEmbedding = add("wpe.weight", config.contextLength(), c);
        for (int i = 0; i < config.layers(); i++) {
          blocks.add(gpt2("h." + i + ".", config));
        }
        finalNormWeight = add("ln_f.weight", c);
        finalNormBias = add("ln_f.bias", c);
        head = tokenEmbedding;
      }
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "a model of this shape has more than " + Integer.MAX_VALUE + " parameters: " + config, e);
    }
  }

  private Block gpt2(String h, TrainableConfig config) {
    int c = config.hiddenSize();
    int inner = config.innerSize();
    return new Block(
        place(h + "ln_1", c, c),
        place(h + "attn.c_attn", config.queryKeyValueSize(), c, config.queryKeyValueSize()),
        place(h + "attn.c_proj", c, c, c),
        place(h + "ln_2", c, c),
        place(h + "mlp.c_fc", inner, c, inner),
        place(h + "mlp.c_proj", c, inner, c));
  }

  private Place place(String layer, int outputs, Integer... shape) {
    return new Place(add(layer + ".weight", shape), add(layer + ".bias", outputs));
  }

  private Block llama(String layer, TrainableConfig config) {
    int c = config.hiddenSize();
    int inner = config.innerSize();
    int keys = config.keyValueHeads() * config.headSize();
    Place norm1 = new Place(add(layer + "input_layernorm.weight", c), NONE);
    Place queries = new Place(add(layer + "self_attn.q_proj.weight", c, c), NONE);
    add(layer + "self_attn.k_proj.weight", keys, c);
    add(layer + "self_attn.v_proj.weight", keys, c);
    Place out = new Place(add(layer + "self_attn.o_proj.weight", c, c), NONE);
    Place norm2 = new Place(add(layer + "post_attention_layernorm.weight", c), NONE);
    Place gate = new Place(add(layer + "mlp.gate_proj.weight", inner, c), NONE);
    add(layer + "mlp.up_proj.weight", inner, c);
    Place down = new Place(add(layer + "mlp.down_proj.weight", c, inner), NONE);
    return new Block(norm1, queries, out, norm2, gate, down);
  }

  private int add(String name, Integer... shape) {
    Tensor tensor = new Tensor(name, List.of(shape), size, shape.length == 2);
    size = Math.addExact(size, tensor.size());
    tensors.add(tensor);
    byName.put(name, tensor);
    return tensor.offset();
  }

  /** All tensors, in the order of their offsets, without gaps. */
  @Override
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
          "no tensor '" + name + "' in a model of " + blocks.size() + " layers");
    }
    return tensor;
  }

  /** Number of parameters: the length of the flat array. */
  @Override
  public int size() {
    return size;
  }

  /** Number of blocks. */
  public int blocks() {
    return blocks.size();
  }

  /** Offsets of the tensors of block i. */
  public Block block(int i) {
    return blocks.get(i);
  }

  /** What precedes every name in a file of the whole model. */
  public String prefix() {
    return prefix;
  }

  /** Offset of the token embedding [V][C]. */
  public int tokenEmbedding() {
    return tokenEmbedding;
  }

  /** Offset of {@code wpe.weight} [T][C], the position embedding, or {@link #NONE}. */
  public int positionEmbedding() {
    return positionEmbedding;
  }

  /** Offset of the last norm's weight [C]. */
  public int finalNormWeight() {
    return finalNormWeight;
  }

  /** Offset of the last norm's bias [C], or {@link #NONE}. */
  public int finalNormBias() {
    return finalNormBias;
  }

  /** Offset of the language-model head [V][C]: the token embedding where the two are tied. */
  public int head() {
    return head;
  }
}
