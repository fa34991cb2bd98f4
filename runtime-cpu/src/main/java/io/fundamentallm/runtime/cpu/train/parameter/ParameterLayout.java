package io.fundamentallm.runtime.cpu.train.parameter;

import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where each tensor of a model is in one flat {@code float[]} of all parameters. Gradients and
 * optimiser moments are flat arrays of the same layout.
 *
 * <p>Names and shapes are those of Hugging Face's files. GPT-2's come without {@link #prefix()}:
 * {@code wte.weight} [V][C], {@code h.0.attn.c_attn.weight} [C][3C], and so on; its matrices of
 * linear layers are stored [in][out]. Those of other families are stored [out][in], {@code
 * model.layers.0.self_attn.q_proj.weight} [H·D][C]. Those that are computed together follow one
 * another: queries, keys, values; gate, up. So do their biases. Immutable.
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
    private static final Pattern HIDDEN =
        Pattern.compile("(h|([a-z_]+[.])*layers)[.][0-9]+[.].*|base_model[.].*");

    /** Copies the shape. */
    public Tensor {
      shape = List.copyOf(shape);
    }

    /** Whether it is a matrix within the blocks, or of an adapter; neither embedding nor head. */
    public boolean hidden() {
      return shape.size() == 2 && HIDDEN.matcher(name).matches();
    }

    /** Number of elements. */
    public int size() {
      return shape.stream().reduce(1, Math::multiplyExact);
    }
  }

  /** The offset of a tensor that a model does not have. */
  public static final int NONE = -1;

  private final TensorNames names;
  private final String prefix;
  private final List<Tensor> tensors;
  private final List<Tensor> matrices;
  private final int size;
  private final Map<String, Tensor> byName;
  private final List<BlockLayout> blocks = new ArrayList<>();
  private final int tokenEmbedding;
  private final int positionEmbedding;
  private final int finalNormWeight;
  private final int finalNormBias;
  private final int head;

  /**
   * Lays out the parameters of a model.
   *
   * @throws IllegalArgumentException if there are more than 2³¹ − 1 of them
   */
  public ParameterLayout(TrainableConfig config) {
    this(config, false);
  }

  /**
   * Lays out the parameters of a model.
   *
   * @param apart whether the matrices of the blocks' linear layers, other than routers, are not in
   *     the flat array; they are then addressed as if they followed one another in an array of
   *     their own
   * @throws IllegalArgumentException if there are more than 2³¹ − 1 of them
   */
  public ParameterLayout(TrainableConfig config, boolean apart) {
    names = config.files().names();
    LayoutBuilder laidOut = new LayoutBuilder(config, apart);
    int c = config.hiddenSize();
    int v = config.vocabularySize();
    try {
      tokenEmbedding = laidOut.add(names.of(Part.EMBEDDING) + ".weight", v, c);
      positionEmbedding =
          config.hasPositionTable()
              ? laidOut.add(names.of(Part.POSITIONS) + ".weight", config.contextLength(), c)
              : NONE;
      for (int i = 0; i < config.layers(); i++) {
        blocks.add(BlockLayout.of(config, i, laidOut));
      }
      BlockLayout.Place last = laidOut.norm(names.of(Part.FINAL_NORM));
      finalNormWeight = last.weight();
      finalNormBias = last.bias();
      head = config.tied() ? tokenEmbedding : laidOut.add(names.of(Part.HEAD) + ".weight", v, c);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "a model of "
              + config.description()
              + " has more than "
              + Integer.MAX_VALUE
              + " parameters, the most that can be trained",
          e);
    }
    prefix = laidOut.prefix();
    tensors = laidOut.tensors();
    matrices = laidOut.matrices();
    size = laidOut.size();
    byName = tensors.stream().collect(Collectors.toMap(Tensor::name, of -> of));
  }

  /**
   * The matrices that are not in the flat array, each [outputs][inputs], with their addresses in
   * place of offsets.
   */
  public List<Tensor> matrices() {
    return matrices;
  }

  /** All tensors, in the order of their offsets, without gaps. */
  @Override
  public List<Tensor> tensors() {
    return tensors;
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
  public BlockLayout block(int i) {
    return blocks.get(i);
  }

  /** What precedes the names in a file of the whole model, but for that of an untied head. */
  public String prefix() {
    return prefix;
  }

  /** A tensor's name in a file of the whole model. */
  public String fullName(Tensor tensor) {
    boolean isHead = tensor.name().equals(names.of(Part.HEAD) + ".weight");
    return isHead ? tensor.name() : prefix() + tensor.name();
  }

  /** Offset of the token embedding [V][C]. */
  public int tokenEmbedding() {
    return tokenEmbedding;
  }

  /** Offset of the position embedding [T][C], or {@link #NONE}. */
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
