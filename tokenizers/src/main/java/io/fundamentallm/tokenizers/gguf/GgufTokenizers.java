package io.fundamentallm.tokenizers.gguf;

import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.pipeline.BosEosProcessor;
import io.fundamentallm.tokenizers.pipeline.TokenForms;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Builds tokenizers from what GGUF files say, with llama.cpp's defaults. */
public final class GgufTokenizers {
  /** Token types, {@code llama_token_type} of llama.cpp; the numbers are SentencePiece's. */
  static final int UNKNOWN = 2;

  public static final int CONTROL = 3;
  public static final int USER_DEFINED = 4;
  public static final int UNUSED = 5;

  private GgufTokenizers() {}

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read, is broken, or has an unknown tokenizer; the message
   *     says where
   */
  public static Tokenizer read(Path file) throws IOException {
    GgufTokenizer gguf = GgufReader.read(file);
    return switch (gguf.model()) {
      case "llama", "t5" -> GgufSentencePiece.of(file, gguf);
      case "gpt2" -> GgufByteLevel.of(file, gguf);
      case "bert" -> GgufWordPiece.of(file, gguf);
      default ->
          throw new IOException(
              file
                  + ", tokenizer.ggml.model: \""
                  + gguf.model()
                  + "\" is not known; llama, t5, gpt2 and bert are");
    };
  }

  /** The written forms; llama.cpp gives a name to those that are empty. */
  static String[] forms(Path file, GgufTokenizer gguf) throws IOException {
    String[] forms = new String[gguf.tokens().size()];
    for (int id = 0; id < forms.length; id++) {
      String form = gguf.tokens().get(id);
      forms[id] = form.isEmpty() ? "[EMPTY_" + id + "]" : form;
    }
    requireDistinct(file, forms);
    return forms;
  }

  static void requireDistinct(Path file, String[] forms) throws IOException {
    Map<String, Integer> ids = new HashMap<>();
    for (int id = 0; id < forms.length; id++) {
      Integer other = ids.putIfAbsent(forms[id], id);
      if (other != null) {
        throw new IOException(
            String.format(
                "%s, tokenizer.ggml.tokens[%d]: \"%s\" is token %d already",
                file, id, forms[id], other));
      }
    }
  }

  /** The type of a token. */
  static int type(GgufTokenizer gguf, int id) {
    int[] types = gguf.types();
    return types == null ? 1 : types[id];
  }

  /**
   * The token of a role.
   *
   * @param defaultValue the default if the file does not say; -1 for none
   */
  static @Nullable Integer role(GgufTokenizer gguf, String role, int defaultValue) {
    int id = gguf.id(role);
    int found = id < 0 && defaultValue < gguf.tokens().size() ? defaultValue : id;
    return found < 0 ? null : Integer.valueOf(found);
  }

  /** What is put around a text. */
  static BosEosProcessor boundary(
      GgufTokenizer gguf, TokenForms.Roles roles, boolean addBos, boolean addEos) {
    return new BosEosProcessor(
        boundary(gguf.flag("add_bos_token"), addBos, roles.bos()),
        boundary(gguf.flag("add_eos_token"), addEos, roles.eos()));
  }

  private static int boundary(
      @Nullable Boolean flag, boolean defaultValue, @Nullable Integer role) {
    boolean add = flag == null ? defaultValue : flag;
    return add && role != null ? role : -1;
  }
}
