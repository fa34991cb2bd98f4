package io.fundamentallm.tokenizers.sentencepiece;

import com.fasterxml.jackson.core.JsonToken;
import io.fundamentallm.tokenizers.json.JsonSource;
import io.fundamentallm.tokenizers.pipeline.BosEosProcessor;
import io.fundamentallm.tokenizers.pipeline.TokenForms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Which tokens a {@code tokenizer_config.json} puts around a text.
 *
 * <p>If the file does not say, a model with a piece that begins a text gets it there and nothing
 * after the text, as Llama does; a model without one gets the piece that ends a text, as T5 does.
 *
 * @param addBos {@code add_bos_token}, or null if the file does not say
 * @param addEos {@code add_eos_token}, or null if the file does not say
 */
record SentencePieceConfig(@Nullable Boolean addBos, @Nullable Boolean addEos) {
  /** Reads the file, if there is one. */
  static SentencePieceConfig read(Path file) throws IOException {
    Boolean addBos = null;
    Boolean addEos = null;
    if (Files.isRegularFile(file)) {
      try (JsonSource source = JsonSource.open(file)) {
        source.next();
        source.enterObject("the configuration");
        for (String key; (key = source.nextKey()) != null; ) {
          switch (key) {
            case "add_bos_token" -> addBos = flag(source, key);
            case "add_eos_token" -> addEos = flag(source, key);
            default -> source.skip();
          }
        }
        source.requireEnd();
      }
    }
    return new SentencePieceConfig(addBos, addEos);
  }

  private static @Nullable Boolean flag(JsonSource source, String key) throws IOException {
    return source.current() == JsonToken.VALUE_NULL ? null : Boolean.valueOf(source.flag(key));
  }

  /** What is put around a text. */
  BosEosProcessor boundary(TokenForms.Roles roles) {
    Integer bos = roles.bos();
    Integer eos = roles.eos();
    boolean begins = addBos == null ? bos != null : addBos;
    boolean ends = addEos == null ? bos == null : addEos;
    return new BosEosProcessor(begins && bos != null ? bos : -1, ends && eos != null ? eos : -1);
  }
}
