package io.fundamentallm.commandline;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A Llama of one layer and a tokenizer of bytes in one file, as llama.cpp lays it out. */
final class TinyGguf {
  private static final int CHANNELS = 8;
  private static final int INNER = 16;
  private static final int TEXT = 8;
  private static final int WHOLE = 4;
  private static final int SIGNED = 5;
  private static final int REAL = 6;
  private static final int ARRAY = 9;

  private final ByteBuffer keys = buffer();
  private final ByteBuffer tensors = buffer();
  private final ByteBuffer data = buffer();
  private final Random random = new Random(1);
  private int keyCount;
  private int tensorCount;

  private TinyGguf() {}

  static Path write(Path file) throws IOException {
    return Files.write(file, new TinyGguf().bytes());
  }

  private byte[] bytes() {
    text("general.architecture", "llama");
    whole("llama.block_count", 1);
    whole("llama.context_length", 32);
    whole("llama.embedding_length", CHANNELS);
    whole("llama.feed_forward_length", INNER);
    whole("llama.attention.head_count", 2);
    key("llama.attention.layer_norm_rms_epsilon", REAL).putFloat(1e-5f);
    int vocabulary = tokenizer();

    tensor("token_embd.weight", vocabulary, CHANNELS);
    tensor("output_norm.weight", CHANNELS);
    tensor("blk.0.attn_norm.weight", CHANNELS);
    for (String part : List.of("q", "k", "v", "output")) {
      tensor("blk.0.attn_" + part + ".weight", CHANNELS, CHANNELS);
    }
    tensor("blk.0.ffn_norm.weight", CHANNELS);
    tensor("blk.0.ffn_gate.weight", INNER, CHANNELS);
    tensor("blk.0.ffn_up.weight", INNER, CHANNELS);
    tensor("blk.0.ffn_down.weight", CHANNELS, INNER);

    ByteBuffer file = buffer().put("GGUF".getBytes(UTF_8)).putInt(3);
    file.putLong(tensorCount).putLong(keyCount).put(keys.flip()).put(tensors.flip());
    file.position((file.position() + 31) / 32 * 32);
    file.put(data.flip()).flip();
    byte[] bytes = new byte[file.remaining()];
    file.get(bytes);
    return bytes;
  }

  /** Returns the number of tokens: three special ones, a space, and every byte. */
  private int tokenizer() {
    List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>", "\u2581"));
    for (int i = 0; i < 256; i++) {
      tokens.add("<0x%02X>".formatted(i));
    }
    text("tokenizer.ggml.model", "llama");
    key("tokenizer.ggml.tokens", ARRAY).putInt(TEXT).putLong(tokens.size());
    tokens.forEach(token -> put(keys, token));
    key("tokenizer.ggml.scores", ARRAY).putInt(REAL).putLong(tokens.size());
    tokens.forEach(token -> keys.putFloat(0));
    key("tokenizer.ggml.token_type", ARRAY).putInt(SIGNED).putLong(tokens.size());
    for (int i = 0; i < tokens.size(); i++) {
      // unknown, control, normal, byte
      keys.putInt(i == 0 ? 2 : i < 3 ? 3 : i == 3 ? 1 : 6);
    }
    whole("tokenizer.ggml.bos_token_id", 1);
    whole("tokenizer.ggml.eos_token_id", 2);
    return tokens.size();
  }

  private void text(String key, String value) {
    put(key(key, TEXT), value);
  }

  private void whole(String key, int value) {
    key(key, WHOLE).putInt(value);
  }

  private ByteBuffer key(String key, int type) {
    keyCount++;
    put(keys, key);
    return keys.putInt(type);
  }

  private void tensor(String name, int... shape) {
    tensorCount++;
    put(tensors, name);
    tensors.putInt(shape.length);
    int size = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      tensors.putLong(shape[i]);
      size *= shape[i];
    }
    tensors.putInt(0).putLong(data.position());
    for (int i = 0; i < size; i++) {
      data.putFloat((float) random.nextGaussian());
    }
    data.position((data.position() + 31) / 32 * 32);
  }

  private static void put(ByteBuffer into, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    into.putLong(bytes.length).put(bytes);
  }

  private static ByteBuffer buffer() {
    return ByteBuffer.allocate(1 << 17).order(ByteOrder.LITTLE_ENDIAN);
  }
}
