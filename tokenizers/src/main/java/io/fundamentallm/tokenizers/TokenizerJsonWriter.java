package io.fundamentallm.tokenizers;

import com.fasterxml.jackson.core.JsonGenerator;
import io.fundamentallm.tokenizers.huggingface.TokenizerConfig;
import io.fundamentallm.tokenizers.huggingface.TokenizerJson;
import io.fundamentallm.tokenizers.json.JsonFile;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Writes {@code tokenizer.json} in the order of keys that Hugging Face's library writes, and {@code
 * tokenizer_config.json} beside it.
 */
final class TokenizerJsonWriter {
  private TokenizerJsonWriter() {}

  /** Writes one value, or the fields of one object. */
  interface Part {
    void writeTo(JsonGenerator json) throws IOException;
  }

  /**
   * Writes both files.
   *
   * @param preTokenizer the value of that key
   * @param decoder the value of that key
   * @param model the model's fields before {@code vocab}
   * @param afterVocabulary the model's fields after it
   */
  static void write(
      Path directory,
      TokenTable vocabulary,
      Part preTokenizer,
      Part decoder,
      Part model,
      Part afterVocabulary)
      throws IOException {
    JsonFile.write(
        directory.resolve(TokenizerJson.NAME),
        json -> {
          json.writeStartObject();
          json.writeStringField("version", "1.0");
          json.writeNullField("truncation");
          json.writeNullField("padding");
          addedTokens(json, vocabulary);
          json.writeNullField("normalizer");
          json.writeFieldName("pre_tokenizer");
          preTokenizer.writeTo(json);
          json.writeNullField("post_processor");
          json.writeFieldName("decoder");
          decoder.writeTo(json);
          json.writeObjectFieldStart("model");
          model.writeTo(json);
          json.writeObjectFieldStart("vocab");
          for (int id = 0; id < vocabulary.size(); id++) {
            json.writeNumberField(vocabulary.token(id), id);
          }
          json.writeEndObject();
          afterVocabulary.writeTo(json);
          json.writeEndObject();
          json.writeEndObject();
        });
    SpecialRoles roles = vocabulary.roles();
    TokenizerConfig.write(directory, roles.bos(), roles.eos(), roles.pad(), roles.unk(), null);
  }

  private static void addedTokens(JsonGenerator json, TokenTable vocabulary) throws IOException {
    json.writeArrayFieldStart("added_tokens");
    for (int id : vocabulary.special()) {
      json.writeStartObject();
      json.writeNumberField("id", id);
      json.writeStringField("content", vocabulary.token(id));
      json.writeBooleanField("single_word", false);
      json.writeBooleanField("lstrip", false);
      json.writeBooleanField("rstrip", false);
      json.writeBooleanField("normalized", false);
      json.writeBooleanField("special", true);
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** The fields of a BPE model that only looks its characters up, up to {@code vocab}. */
  static void bpe(JsonGenerator json) throws IOException {
    json.writeStringField("type", "BPE");
    json.writeNullField("dropout");
    json.writeNullField("unk_token");
    json.writeNullField("continuing_subword_prefix");
    json.writeNullField("end_of_word_suffix");
    json.writeBooleanField("fuse_unk", false);
    json.writeBooleanField("byte_fallback", false);
    json.writeBooleanField("ignore_merges", false);
  }

  /** The field of a BPE model after {@code vocab}. */
  static void noMerges(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("merges");
    json.writeEndArray();
  }
}
