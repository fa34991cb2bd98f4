package io.fundamentallm.tokenizers;

import com.fasterxml.jackson.core.JsonGenerator;
import io.fundamentallm.tokenizers.huggingface.TokenizerConfig;
import io.fundamentallm.tokenizers.huggingface.TokenizerJson;
import io.fundamentallm.tokenizers.json.JsonTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A character tokenizer on disk. What its model does with a character outside the vocabulary is the
 * policy: WordLevel gives its {@code unk_token} where the vocabulary has it, and fails where not;
 * BPE without an {@code unk_token} leaves the character out.
 */
final class CharacterFormat {
  private CharacterFormat() {}

  /** The tokenizer that a file describes; null where it is of another kind. */
  static @Nullable CharacterTokenizer read(TokenizerJson json, TokenizerConfig config)
      throws IOException {
    if (!SimpleFile.is(json, config)) {
      return null;
    }
    JsonTree decoder = json.components().get("decoder");
    // without a decoder, tokens are words with spaces between them
    if (decoder.isNull() || !decoder.get("type").text().equals("Fuse")) {
      return null;
    }
    Set<String> special = SpecialRoles.special(json);
    UnknownPolicy unknown = policy(json);
    if (unknown == null || !allCharacters(json, special)) {
      return null;
    }
    SpecialRoles roles = SpecialRoles.of(config, special);
    if (unknown == UnknownPolicy.UNK) {
      String unk = json.model().get("unk_token").text();
      if (!special.contains(unk)) {
        return null; // a character of the text may be what stands for unknown ones
      }
      roles = roles.withUnk(unk);
    }
    return new CharacterTokenizer(
        new TokenTable(Arrays.asList(json.forms()), special, roles), unknown);
  }

  private static @Nullable UnknownPolicy policy(TokenizerJson json) throws IOException {
    JsonTree split = json.components().get("pre_tokenizer");
    String unk = json.model().get("unk_token").textOrNull();
    switch (json.modelType()) {
      case "WordLevel" -> {
        if (split.isNull() || !splitsCharacters(split)) {
          return null;
        }
        boolean known = unk != null && Arrays.asList(json.forms()).contains(unk);
        return known ? UnknownPolicy.UNK : UnknownPolicy.ERROR;
      }
      case "BPE" -> {
        if (!split.isNull()
            || !json.merges().isEmpty()
            || json.model().get("byte_fallback").flag(false)
            || json.model().get("fuse_unk").flag(false)
            || json.model().get("ignore_merges").flag(false)) {
          return null;
        }
        return unk == null ? UnknownPolicy.SKIP : UnknownPolicy.UNK;
      }
      default -> {
        return null;
      }
    }
  }

  /** Any character by itself, line ends too; a plain dot would leave those out. */
  private static boolean splitsCharacters(JsonTree split) throws IOException {
    return split.get("type").text().equals("Split")
        && split.get("pattern").isObject()
        && "[\\s\\S]".equals(split.get("pattern").get("Regex").textOrNull())
        && split.get("behavior").text().equals("Isolated")
        && !split.get("invert").flag(false);
  }

  private static boolean allCharacters(TokenizerJson json, Set<String> special) {
    for (@Nullable String form : json.forms()) {
      if (special.contains(form)) {
        continue;
      }
      if (form == null || form.isEmpty()) {
        return false;
      }
      if (form.length() > Character.charCount(form.codePointAt(0))) {
        return false;
      }
    }
    return true;
  }

  static void write(TokenTable vocabulary, UnknownPolicy unknown, Path directory)
      throws IOException {
    if (unknown == UnknownPolicy.SKIP) {
      TokenizerJsonWriter.write(
          directory,
          vocabulary,
          JsonGenerator::writeNull,
          CharacterFormat::fuse,
          TokenizerJsonWriter::bpe,
          TokenizerJsonWriter::noMerges);
    } else {
      String unk = vocabulary.roles().unk();
      TokenizerJsonWriter.write(
          directory,
          vocabulary,
          CharacterFormat::everyCharacter,
          CharacterFormat::fuse,
          json -> json.writeStringField("type", "WordLevel"),
          json -> json.writeStringField("unk_token", unk == null ? SpecialRoles.UNK : unk));
    }
  }

  private static void everyCharacter(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("type", "Split");
    json.writeObjectFieldStart("pattern");
    json.writeStringField("Regex", "[\\s\\S]");
    json.writeEndObject();
    json.writeStringField("behavior", "Isolated");
    json.writeBooleanField("invert", false);
    json.writeEndObject();
  }

  /** Joins tokens without a space between them. */
  private static void fuse(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("type", "Fuse");
    json.writeEndObject();
  }
}
