package io.fundamentallm.tokenizers;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code tokenizer_config.json}: which special token plays which part. */
final class TokenizerConfig {
  private static final String NAME = "tokenizer_config.json";

  private TokenizerConfig() {}

  /**
   * Reads the file beside a tokenizer.json. Without one, the special tokens that are written as
   * this library writes them play their parts.
   *
   * @param special the written forms to choose from
   */
  static SpecialRoles beside(Path tokenizerJson, Set<String> special) throws IOException {
    Path file = tokenizerJson.resolveSibling(NAME);
    if (!Files.exists(file)) {
      return new SpecialRoles(
          known(SpecialRoles.TEXT.bos(), special),
          known(SpecialRoles.TEXT.eos(), special),
          known(SpecialRoles.TEXT.pad(), special),
          known(SpecialRoles.UNK, special));
    }
    String bos = null;
    String eos = null;
    String pad = null;
    String unk = null;
    try (JsonSource source = JsonSource.open(file)) {
      source.next();
      source.enterObject("the configuration");
      for (String key; (key = source.nextKey()) != null; ) {
        switch (key) {
          case "bos_token" -> bos = token(source, key, special);
          case "eos_token" -> eos = token(source, key, special);
          case "pad_token" -> pad = token(source, key, special);
          case "unk_token" -> unk = token(source, key, special);
          default -> source.skip();
        }
      }
      source.requireEnd();
    }
    return new SpecialRoles(bos, eos, pad, unk);
  }

  private static @Nullable String known(@Nullable String form, Set<String> special) {
    return form != null && special.contains(form) ? form : null;
  }

  /** A string, null, or an object with the string as its content. */
  private static @Nullable String token(JsonSource source, String role, Set<String> special)
      throws IOException {
    String form = null;
    if (source.current() == JsonToken.START_OBJECT) {
      for (String key; (key = source.nextKey()) != null; ) {
        if (key.equals("content")) {
          form = source.string(role);
        } else {
          source.skip();
        }
      }
    } else if (source.current() != JsonToken.VALUE_NULL) {
      form = source.string(role);
    }
    if (form != null && !special.contains(form)) {
      throw source.error(
          role + " \"" + form + "\" is not a special token of " + TokenizerJson.NAME);
    }
    return form;
  }

  /** Writes the file. */
  static void write(SpecialRoles roles, Path directory) throws IOException {
    JsonFile.write(
        directory.resolve(NAME),
        json -> {
          json.writeStartObject();
          json.writeStringField("tokenizer_class", "PreTrainedTokenizerFast");
          json.writeBooleanField("clean_up_tokenization_spaces", false);
          json.writeStringField("bos_token", roles.bos());
          json.writeStringField("eos_token", roles.eos());
          json.writeStringField("pad_token", roles.pad());
          json.writeStringField("unk_token", roles.unk());
          json.writeEndObject();
        });
  }
}
