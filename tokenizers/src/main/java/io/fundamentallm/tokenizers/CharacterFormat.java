package io.fundamentallm.tokenizers;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A character tokenizer on disk. What its model does with a character outside the vocabulary is the
 * policy: WordLevel gives its {@code unk_token} where the vocabulary has it, and fails where not;
 * BPE without an {@code unk_token} leaves the character out.
 */
final class CharacterFormat {
  /** Any character, line ends too; a plain dot would leave those out. */
  private static final TokenizerJson.Component EVERY_CHARACTER =
      new TokenizerJson.Component(
          Map.of(
              "type", "Split",
              "pattern.Regex", "[\\s\\S]",
              "behavior", "Isolated",
              "invert", "false"));

  private CharacterFormat() {}

  static CharacterTokenizer read(TokenizerJson json) throws IOException {
    if (json.normalizer() != null) {
      throw new OtherKindException("it has a normalizer, so it does not keep every character");
    }
    UnknownPolicy unknown = policy(json);
    for (String form : json.forms()) {
      if (!json.special().contains(form)) {
        checkCharacter(json, form);
      }
    }
    SpecialRoles roles = TokenizerConfig.beside(json.file(), json.special());
    if (unknown == UnknownPolicy.UNK) {
      roles = roles.withUnk(json.model().settings().get("unk_token"));
    }
    return new CharacterTokenizer(new TokenTable(json.forms(), json.special(), roles), unknown);
  }

  private static UnknownPolicy policy(TokenizerJson json) throws IOException {
    TokenizerJson.Component split = json.preTokenizer();
    @Nullable String unk = json.model().settings().get("unk_token");
    switch (json.model().type()) {
      case "WordLevel" -> {
        if (!EVERY_CHARACTER.equals(split)) {
          throw new OtherKindException("its pre-tokenizer does not split off every character");
        }
        if (unk == null || !json.forms().contains(unk)) {
          return UnknownPolicy.ERROR;
        }
      }
      case "BPE" -> {
        if (split != null) {
          throw new OtherKindException("it has a pre-tokenizer, " + split.type());
        }
        if (json.model().on("byte_fallback")) {
          throw new OtherKindException("its unknown characters become bytes (byte_fallback)");
        }
        if (unk == null) {
          return UnknownPolicy.SKIP;
        }
      }
      default ->
          throw new OtherKindException(
              "its model is " + json.model().type() + ", not WordLevel or BPE");
    }
    if (!json.special().contains(unk)) {
      throw new IOException(
          json.file() + ", model.unk_token: \"" + unk + "\" is not a special token");
    }
    return UnknownPolicy.UNK;
  }

  private static void checkCharacter(TokenizerJson json, String form) throws IOException {
    int codePoint = form.codePointAt(0);
    if (form.length() > Character.charCount(codePoint)) {
      throw new OtherKindException(
          "its vocabulary has a token of several characters, \"" + form + "\"");
    }
    if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
      throw new IOException(
          String.format(
              "%s, model.vocab: a token is the lone surrogate U+%04X", json.file(), codePoint));
    }
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
