package io.fundamentallm.runtime.cpu.format.gguf;

import io.fundamentallm.internal.directory.BoundaryTokens;
import io.fundamentallm.runtime.cpu.format.spec.Architecture;
import io.fundamentallm.runtime.cpu.format.spec.Architecture.Bias;
import io.fundamentallm.runtime.cpu.format.spec.ModelSpec;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;
import io.fundamentallm.runtime.cpu.format.tensor.Tensor;
import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import io.fundamentallm.runtime.cpu.kernels.elementwise.Activation;
import io.fundamentallm.runtime.cpu.model.Rotary;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a model in a GGUF file, under the keys that llama.cpp writes. Each setting
 * of the architecture is honoured, or refused by name.
 *
 * <p>Two things are not in the file. GPT-2's activation is GELU in its tanh form; GPT-NeoX's is the
 * GELU that such models were trained with, although llama.cpp itself takes the tanh form.
 */
public final class GgufConfig {
  /** The architectures that can be read, as llama.cpp calls them; it treats mistral as llama. */
  private static final List<String> ARCHITECTURES =
      List.of("gpt2", "gptneox", "llama", "qwen2", "qwen3");

  /**
   * llama.cpp's LLAMA_TOKEN_NULL, which some files use as the id of a token that does not exist.
   */
  private static final double NO_TOKEN = 0xFFFFFFFFL;

  private static final String ARCHITECTURE = "general.architecture";

  private final GgufKeys keys;
  private final TensorFiles files;
  private final String architecture;

  private GgufConfig(GgufKeys keys, TensorFiles files) throws IOException {
    this.keys = keys;
    this.files = files;
    this.architecture = keys.text(ARCHITECTURE);
  }

  /**
   * Why a file cannot be read, judging by its metadata; null if it can.
   *
   * @throws IOException when a key has a value of another type
   */
  public static @Nullable String objection(GgufKeys keys) throws IOException {
    String name = keys.text(ARCHITECTURE);
    if (!ARCHITECTURES.contains(name)) {
      return ARCHITECTURE + " is " + name + ", it runs " + String.join(", ", ARCHITECTURES);
    }
    return null;
  }

  /**
   * Reads the configuration.
   *
   * @throws IOException when it is incomplete or asks for something that this runtime does not
   *     implement; names file and key
   */
  public static ModelSpec read(GgufKeys keys, TensorFiles files) throws IOException {
    String objection = objection(keys);
    if (objection != null) {
      throw keys.problem(objection);
    }
    try {
      return new GgufConfig(keys, files).spec();
    } catch (IllegalArgumentException e) {
      throw (IOException) keys.problem(String.valueOf(e.getMessage())).initCause(e);
    }
  }

  private String key(String name) {
    return architecture + "." + name;
  }

  private ModelSpec spec() throws IOException {
    boolean gpt2 = architecture.equals("gpt2");
    boolean neox = architecture.equals("gptneox");
    boolean llama = architecture.equals("llama");
    boolean qwen3 = architecture.equals("qwen3");
    boolean rms = !gpt2 && !neox;
    int layers = files.requireLayers(keys.size(key("block_count")));
    int hiddenSize = keys.size(key("embedding_length"));
    int heads = keys.size(key("attention.head_count"));
    int headSize = headSize(hiddenSize, heads);
    int context = keys.size(key("context_length"));
    int vocabulary = vocabularySize();
    refuseOthers();
    Rotary rotary =
        gpt2 ? null : new GgufRope(keys, files, architecture).rotary(headSize, context, neox);
    TransformerConfig config =
        new TransformerConfig(
            neox ? "gpt_neox" : architecture,
            vocabulary,
            rotary != null && rotary.scaling() instanceof Rotary.Yarn yarn
                ? (int)
                    Math.min(
                        Integer.MAX_VALUE, Math.max(context, yarn.factor() * yarn.trainedContext()))
                : context,
            hiddenSize,
            layers,
            heads,
            keys.size(key("attention.head_count_kv"), heads),
            headSize,
            keys.size(key("feed_forward_length")),
            rms,
            (float) keys.real(key(epsilon(rms))),
            gpt2 ? Activation.GELU_TANH : neox ? Activation.GELU : Activation.SILU,
            rms,
            neox && keys.flag(key("use_parallel_residual")),
            qwen3,
            rotary,
            Collections.nCopies(layers, window(llama, context)));
    keys.requireAllAsked(architecture + ".");
    Bias bias = rms ? Bias.OPTIONAL : Bias.REQUIRED;
    return new ModelSpec(
        config,
        new Architecture(
            TensorNames.gguf(gpt2, gpt2 || neox, qwen3, rms),
            false,
            llama ? HeadOrder.PAIRS : HeadOrder.PLAIN,
            bias,
            bias,
            bias,
            !files.tensors().containsKey("output.weight")));
  }

  private static String epsilon(boolean rms) {
    return rms ? "attention.layer_norm_rms_epsilon" : "attention.layer_norm_epsilon";
  }

  private int headSize(int hiddenSize, int heads) throws IOException {
    String key = key("attention.key_length");
    if (!keys.has(key) && hiddenSize % heads != 0) {
      throw keys.problem(
          hiddenSize + " channels are not a multiple of " + heads + " attention heads");
    }
    int headSize = keys.size(key, hiddenSize / heads);
    keys.require(key("attention.value_length"), headSize);
    if (headSize % 2 != 0 && architecture.equals("llama")) {
      throw keys.problem("heads of " + headSize + " channels cannot be rotated in pairs");
    }
    return headSize;
  }

  /** The rows of the token embedding. The vocabulary, if there is one, must fit them. */
  private int vocabularySize() throws IOException {
    Tensor embedding = files.tensor("token_embd.weight");
    long rows = embedding.dimensions() == 2 ? embedding.size(0) : -1;
    if (rows < 1 || rows > Integer.MAX_VALUE) {
      throw embedding.problem("is no token embedding of a possible size");
    }
    keys.require(key("vocab_size"), (double) rows);
    long tokens = keys.length("tokenizer.ggml.tokens");
    if (tokens >= 0 && tokens != rows) {
      throw embedding.problem(
          "has " + rows + " rows for the " + tokens + " of \"tokenizer.ggml.tokens\"");
    }
    return (int) rows;
  }

  /** Refuses what this runtime does not implement, unless its value changes nothing. */
  private void refuseOthers() throws IOException {
    for (String name :
        new String[] {
          "expert_count",
          "expert_used_count",
          "attention.clamp_kqv",
          "attention.max_alibi_bias",
          "nextn_predict_layers"
        }) {
      keys.require(key(name), 0);
    }
    for (String name : new String[] {"logit_scale", "embedding_scale", "residual_scale"}) {
      keys.require(key(name), 1);
    }
    if (!keys.flag(key("attention.causal"), true)) {
      throw keys.problem(
          key("attention.causal"), "which this runtime does not implement; expected true");
    }
    // the first says how the weights were made, the second what to do with hidden states
    keys.text(key("tensor_data_layout"));
    keys.real(key("pooling_type"), 0);
  }

  /** A window, at most as long as the context; llama.cpp writes it for llama models only. */
  private int window(boolean llama, int context) throws IOException {
    String key = key("attention.sliding_window");
    double window = keys.real(key, 0);
    if (window <= 0 || window >= context) {
      return 0;
    }
    if (!llama) {
      throw keys.problem(
          key, "which this runtime does not implement for " + architecture + "; expected none");
    }
    return keys.size(key);
  }

  /** The tokens that begin and end a text. */
  public static BoundaryTokens boundaryTokens(GgufKeys keys, int vocabularySize)
      throws IOException {
    Set<Integer> end = new TreeSet<>();
    for (String kind : List.of("eos", "eot", "eom")) {
      OptionalInt id = id(keys, kind);
      if (id.isPresent()) {
        end.add(id.getAsInt());
      }
    }
    return BoundaryTokens.of(id(keys, "bos"), end, vocabularySize);
  }

  private static OptionalInt id(GgufKeys keys, String kind) throws IOException {
    double id = keys.real("tokenizer.ggml." + kind + "_token_id", NO_TOKEN);
    return id == NO_TOKEN ? OptionalInt.empty() : OptionalInt.of((int) id);
  }
}
