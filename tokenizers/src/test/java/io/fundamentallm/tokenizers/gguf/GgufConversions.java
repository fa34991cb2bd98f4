package io.fundamentallm.tokenizers.gguf;

import io.fundamentallm.tokenizers.gguf.section.GgufTokenizer;
import io.fundamentallm.tokenizers.gguf.section.GgufWriter;
import io.fundamentallm.tokenizers.huggingface.TokenizerConfig;
import io.fundamentallm.tokenizers.huggingface.TokenizerJson;
import io.fundamentallm.tokenizers.huggingface.VocabularyFiles;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Makes GGUF files of other kinds of files, as llama.cpp's converter does. */
final class GgufConversions {
  private GgufConversions() {}

  static GgufWriter sentencePiece(SentencePieceModel model, String kind) {
    List<String> tokens = new ArrayList<>();
    int[] types = new int[model.size()];
    for (int id = 0; id < model.size(); id++) {
      tokens.add(model.piece(id));
      types[id] = List.of(SentencePieceModel.Kind.values()).indexOf(model.kinds()[id]) + 1;
    }
    return new GgufWriter()
        .string("tokenizer.ggml.model", kind)
        .string("tokenizer.ggml.pre", "default")
        .strings("tokenizer.ggml.tokens", tokens)
        .floats("tokenizer.ggml.scores", model.scores())
        .ints("tokenizer.ggml.token_type", types)
        .uint32("tokenizer.ggml.unknown_token_id", model.unknown());
  }

  static GgufWriter bytePairs(TokenizerJson json, String pre) {
    int[] types = new int[json.forms().length];
    Arrays.fill(types, 1);
    json.added()
        .forEach(
            token ->
                types[token.id()] =
                    token.special() ? GgufTokenizer.CONTROL : GgufTokenizer.USER_DEFINED);
    List<String> merges = new ArrayList<>();
    for (int i = 0; i < json.merges().size(); i += 2) {
      merges.add(json.merges().get(i) + " " + json.merges().get(i + 1));
    }
    return new GgufWriter()
        .string("tokenizer.ggml.model", "gpt2")
        .string("tokenizer.ggml.pre", pre)
        .strings("tokenizer.ggml.tokens", List.of(json.forms()))
        .ints("tokenizer.ggml.token_type", types)
        .strings("tokenizer.ggml.merges", merges);
  }

  static GgufWriter wordPiece(Path directory) throws IOException {
    TokenizerJson json = VocabularyFiles.read(directory, TokenizerConfig.in(directory));
    List<String> tokens = new ArrayList<>();
    int[] types = new int[json.forms().length];
    for (int id = 0; id < types.length; id++) {
      String form = json.forms()[id];
      boolean bracketed = form.startsWith("[") && form.endsWith("]");
      boolean continues = form.startsWith("##");
      tokens.add(bracketed ? form : continues ? form.substring(2) : "\u2581" + form);
      types[id] = 1;
    }
    json.added().forEach(token -> types[token.id()] = GgufTokenizer.CONTROL);
    return new GgufWriter()
        .string("tokenizer.ggml.model", "bert")
        .strings("tokenizer.ggml.tokens", tokens)
        .ints("tokenizer.ggml.token_type", types);
  }
}
