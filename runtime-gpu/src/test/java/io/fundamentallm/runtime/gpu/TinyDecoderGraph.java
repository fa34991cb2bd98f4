package io.fundamentallm.runtime.gpu;

import static io.fundamentallm.runtime.gpu.OnnxFile.BFLOAT16;
import static io.fundamentallm.runtime.gpu.OnnxFile.BOOL;
import static io.fundamentallm.runtime.gpu.OnnxFile.FLOAT;
import static io.fundamentallm.runtime.gpu.OnnxFile.FLOAT16;
import static io.fundamentallm.runtime.gpu.OnnxFile.INT32;
import static io.fundamentallm.runtime.gpu.OnnxFile.INT64;
import static io.fundamentallm.runtime.gpu.OnnxFile.integer;
import static io.fundamentallm.runtime.gpu.OnnxFile.integers;

import io.fundamentallm.runtime.gpu.TinyDecoder.Block;
import io.fundamentallm.runtime.gpu.TinyDecoder.Form;
import io.fundamentallm.runtime.gpu.TinyDecoder.Linear;
import io.fundamentallm.runtime.gpu.TinyDecoder.Norm;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The ONNX graph of a {@link TinyDecoder}, in plain operators. T new tokens after L of the past, S
 * in all.
 */
final class TinyDecoderGraph {
  private final OnnxFile file = new OnnxFile();
  private final TinyDecoder decoder;
  private final Form form;
  private final boolean tokensFirst;
  private final boolean cache;
  private final boolean maskAndPositions;
  private final int type;
  private final int headSize;
  private final String inputIds;
  private String lastPositions = "";
  private String longest = "";

  TinyDecoderGraph(TinyDecoder decoder, Form form) {
    this.decoder = decoder;
    this.form = form;
    this.tokensFirst = form == Form.TOKENS_FIRST;
    this.headSize = decoder.channels() / decoder.heads();
    this.cache = form.hasCache();
    this.type =
        switch (form) {
          case F16, GROUPED_F16 -> FLOAT16;
          case BF16 -> BFLOAT16;
          default -> FLOAT;
        };
    boolean merged = form == Form.MERGED;
    maskAndPositions =
        form == Form.MASK_AND_POSITIONS
            || form == Form.LAST_LOGITS
            || form == Form.INT4
            || merged
            || !cache
            || form.grouped();
    inputIds = form == Form.GEN_AI ? "tokens" : "input_ids";
    inputsAndOutputs();
    String visible = "";
    String positions = form == Form.GEN_AI ? "places" : "position_ids";
    String past = "";
    if (form == Form.GROUPED_SIZED) {
      lengths();
      past = dimension("past_key_values.0.key", 2);
      String total = file.node("Add", past, dimension("input_ids", 1));
      positions = unsqueeze(file.node("Range", past, total, file.longScalar(1)), 0);
    } else if (form.grouped()) {
      lengths();
    } else if (form.scattered()) {
      positions = unsqueeze("cache_position", 0);
      visible =
          visible("cache_position", file.longs(LongStream.range(0, decoder.context()).toArray()));
    } else {
      past = cache ? dimension("past_key_values.0.key", tokensFirst ? 1 : 2) : file.longScalar(0);
      String total = file.node("Add", past, dimension("input_ids", 1));
      String queries = file.node("Range", past, total, file.longScalar(1)); // [T]
      positions = maskAndPositions ? positions : unsqueeze(queries, 0);
      visible = visible(queries, file.node("Range", file.longScalar(0), total, file.longScalar(1)));
    }
    String table = matrix(decoder.tokenEmbedding(), decoder.vocabulary(), decoder.channels());
    String x =
        file.node(
            "Add",
            file.node("Gather", table, inputIds),
            file.node(
                "Gather",
                matrix(decoder.positionEmbedding(), decoder.context(), decoder.channels()),
                positions));
    for (int i = 0; i < decoder.blocks().length; i++) {
      x = block(x, i, visible);
    }
    if (merged) {
      // not a number where the flag is wrong
      file.input("use_cache_branch", BOOL, "one");
      String is = file.node("Greater", past, file.longScalar(0));
      String right = file.node("Equal", is, "use_cache_branch");
      x = file.node("Where", right, x, file.scalar(Float.NaN));
    }
    String head = file.node("Transpose", integers("perm", 1, 0), table);
    String hidden = norm(x, decoder.lastNorm());
    if (form.givesHidden()) {
      file.output("hidden_states", FLOAT, "B", "T", decoder.channels());
      file.rename(hidden, "hidden_states");
    }
    if (form == Form.LAST_LOGITS) {
      file.input("num_logits_to_keep", INT64);
      String from = file.node("Neg", file.node("Reshape", "num_logits_to_keep", file.longs(1)));
      hidden = file.node("Slice", hidden, from, file.longs(Integer.MAX_VALUE), file.longs(1));
    }
    String logits = cast(file.node("MatMul", hidden, head), type);
    file.rename(logits, form == Form.GEN_AI ? "scores" : "logits");
  }

  byte[] toBytes() {
    return file.toBytes();
  }

  private void inputsAndOutputs() {
    boolean genAi = form == Form.GEN_AI;
    Object batch = form.scattered() ? (Object) 1 : "B";
    Object tokens = form == Form.FIXED_COPIED ? (Object) 1 : "T";
    int ids = genAi ? INT32 : INT64;
    file.input(inputIds, ids, batch, tokens);
    if (genAi) {
      file.input("places", INT32, "B", "T");
      file.input("last", INT32, "B", 1);
      file.input("longest", INT32);
    } else if (form.scattered()) {
      file.input("attention_mask", INT64, 1, decoder.context());
      file.input("cache_position", INT64, tokens);
    } else if (maskAndPositions) {
      file.input("attention_mask", INT64, "B", "L + T");
      if (form != Form.GROUPED_SIZED) {
        file.input("position_ids", INT64, "B", "T");
      }
    }
    file.output(genAi ? "scores" : "logits", type, batch, tokens, decoder.vocabulary());
    boolean fixed = form.scattered() || form == Form.GROUPED_FIXED;
    for (int i = 0; cache && i < decoder.blocks().length; i++) {
      for (String kind : new String[] {"key", "value"}) {
        file.input(past(i, kind), type, cacheShape(batch, fixed ? decoder.context() : "L"));
        file.output(present(i, kind), type, cacheShape(batch, fixed ? decoder.context() : "S"));
      }
    }
  }

  private String past(int layer, String kind) {
    return form == Form.GEN_AI
        ? "past_" + layer + "_" + kind.charAt(0)
        : "past_key_values." + layer + "." + kind;
  }

  private String present(int layer, String kind) {
    return form == Form.GEN_AI
        ? "now_" + layer + "_" + kind.charAt(0)
        : "present." + layer + "." + kind;
  }

  private Object[] cacheShape(Object batch, Object tokens) {
    return tokensFirst
        ? new Object[] {batch, tokens, decoder.heads(), headSize}
        : new Object[] {batch, decoder.heads(), tokens, headSize};
  }

  /** What GroupQueryAttention wants to know. */
  private void lengths() {
    if (form == Form.GEN_AI) {
      lastPositions = file.node("Reshape", "last", file.longs(-1));
      longest = "longest";
      return;
    }
    String sums = file.node("ReduceSum", integer("keepdims", 0), "attention_mask", file.longs(1));
    lastPositions = toInt(file.node("Sub", sums, file.longs(1)));
    longest = toInt(dimension("attention_mask", 1));
  }

  private String toInt(String x) {
    return file.node("Cast", integer("to", INT32), x);
  }

  /** [B or 1, 1, T, S]: which keys each query sees. */
  private String visible(String queries, String keys) {
    String causal = file.node("LessOrEqual", unsqueeze(keys, 0), unsqueeze(queries, 1));
    if (maskAndPositions || form.scattered()) {
      String mask = file.node("Cast", integer("to", BOOL), "attention_mask");
      causal = file.node("And", causal, unsqueeze(mask, 1));
      return unsqueeze(causal, 1);
    }
    return causal; // broadcasts
  }

  private String block(String x, int index, String visible) {
    Block block = decoder.blocks()[index];
    String attended = attention(norm(x, block.norm1()), block, index, visible);
    String middle = file.node("Add", x, attended);
    String up = linear(norm(middle, block.norm2()), block.up(), decoder.channels());
    return file.node("Add", middle, linear(gelu(up), block.down(), 4 * decoder.channels()));
  }

  private String attention(String x, Block block, int index, String visible) {
    int c = decoder.channels();
    if (form.grouped()) {
      return linear(grouped(x, block, index), block.out(), c);
    }
    String split = file.longs(0, 0, decoder.heads(), headSize);
    String query = headsFirst(file.node("Reshape", linear(x, block.query(), c), split));
    String key = cached(file.node("Reshape", linear(x, block.key(), c), split), index, "key");
    String value = cached(file.node("Reshape", linear(x, block.value(), c), split), index, "value");
    String scores =
        file.node(
            "Mul",
            file.node("MatMul", query, file.node("Transpose", integers("perm", 0, 1, 3, 2), key)),
            file.scalar((float) (1 / Math.sqrt(headSize))));
    String hidden = file.node("Where", visible, scores, file.scalar(-1e9f));
    String mixed = file.node("MatMul", file.node("Softmax", integer("axis", -1), hidden), value);
    String joined = file.node("Reshape", headsFirst(mixed), file.longs(0, 0, c));
    return linear(joined, block.out(), c);
  }

  private String grouped(String x, Block block, int index) {
    int c = decoder.channels();
    String mixed = "mixed" + index;
    file.named(
        List.of(mixed, present(index, "key"), present(index, "value")),
        "com.microsoft:GroupQueryAttention",
        integer("num_heads", decoder.heads()).andThen(integer("kv_num_heads", decoder.heads())),
        cast(linear(x, block.query(), c), type),
        cast(linear(x, block.key(), c), type),
        cast(linear(x, block.value(), c), type),
        past(index, "key"),
        past(index, "value"),
        lastPositions,
        longest);
    return cast(mixed, FLOAT);
  }

  /** [B, T, H, C/H] behind the past, as [B, H, S, C/H]; also the output. */
  private String cached(String fresh, int layer, String kind) {
    if (!cache) {
      return headsFirst(fresh);
    }
    String past = past(layer, kind);
    String output = present(layer, kind);
    if (form.scattered()) {
      return scattered(headsFirst(fresh), past, output);
    }
    String suffix = cast(tokensFirst ? fresh : headsFirst(fresh), type);
    String present = file.node("Concat", integer("axis", tokensFirst ? 1 : 2), past, suffix);
    file.rename(present, output);
    String floats = cast(present, FLOAT);
    return tokensFirst ? headsFirst(floats) : floats;
  }

  /** [1, H, T, C/H] where cache_position says. */
  private String scattered(String fresh, String past, String output) {
    String places = file.node("Reshape", "cache_position", file.longs(1, 1, -1, 1));
    String indices = file.node("Expand", places, file.node("Shape", fresh));
    if (form == Form.FIXED_COPIED) {
      String present = file.node("ScatterElements", integer("axis", 2), past, indices, fresh);
      file.rename(present, output);
      return present;
    }
    file.named(List.of(output), "ScatterElements", integer("axis", 2), past, indices, fresh);
    return output;
  }

  private String cast(String x, int to) {
    return type == FLOAT ? x : file.node("Cast", integer("to", to), x);
  }

  /** Swaps the axes of tokens and heads; its own inverse. */
  private String headsFirst(String x) {
    return file.node("Transpose", integers("perm", 0, 2, 1, 3), x);
  }

  /** Hendrycks and Gimpel's approximation by tanh, as in GPT-2. */
  private String gelu(String x) {
    String cube = file.node("Mul", file.node("Mul", x, x), x);
    String inner = file.node("Add", x, file.node("Mul", cube, file.scalar(0.044715f)));
    String scaled = file.node("Mul", inner, file.scalar((float) Math.sqrt(2 / Math.PI)));
    String gate = file.node("Add", file.node("Tanh", scaled), file.scalar(1));
    return file.node("Mul", file.node("Mul", x, gate), file.scalar(0.5f));
  }

  private String norm(String x, Norm norm) {
    return file.node(
        "LayerNormalization",
        x,
        file.floats(norm.scale(), norm.scale().length),
        file.floats(norm.bias(), norm.bias().length));
  }

  private String linear(String x, Linear linear, int in) {
    int out = linear.bias().length;
    String product =
        form.hasFourBits()
            ? fourBits(x, linear.weight(), in, out)
            : file.node("MatMul", x, matrix(linear.weight(), in, out));
    return file.node("Add", product, file.floats(linear.bias(), out));
  }

  /** By ONNX Runtime's MatMulNBits: codes [out][blocks][8 bytes], with 8 for zero. */
  private String fourBits(String x, float[] weight, int in, int out) {
    int block = TinyDecoder.BLOCK;
    byte[] codes = new byte[in * out / 2];
    float[] scales = new float[in * out / block];
    for (int column = 0; column < out; column++) {
      for (int row = 0; row < in; row++) {
        int from = row / block * block;
        float scale = TinyDecoder.scale(weight, out, column, from, from + block);
        int at = column * in + row;
        scales[at / block] = scale;
        int code = 8 + Math.round(weight[row * out + column] / scale);
        codes[at / 2] |= (byte) (code << (at % 2 * 4));
      }
    }
    return file.node(
        "com.microsoft:MatMulNBits",
        integer("K", in)
            .andThen(integer("N", out))
            .andThen(integer("bits", 4))
            .andThen(integer("block_size", block)),
        x,
        file.bytes(codes, out, in / block, block / 2),
        file.floats(scales, scales.length));
  }

  private String matrix(float[] values, int rows, int columns) {
    return file.floats(values, rows, columns);
  }

  private String dimension(String input, int axis) {
    return file.node("Gather", file.node("Shape", input), file.longScalar(axis));
  }

  private String unsqueeze(String x, int axis) {
    return file.node("Unsqueeze", x, file.longs(axis));
  }
}
