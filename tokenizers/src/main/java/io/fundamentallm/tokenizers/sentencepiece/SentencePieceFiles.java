package io.fundamentallm.tokenizers.sentencepiece;

import com.fasterxml.jackson.core.JsonGenerator;
import io.fundamentallm.internal.files.AtomicFile;
import io.fundamentallm.internal.files.GitLfsPointer;
import io.fundamentallm.tokenizers.gguf.section.GgufTokenizer;
import io.fundamentallm.tokenizers.huggingface.TokenizerConfig;
import io.fundamentallm.tokenizers.json.JsonFile;
import io.fundamentallm.tokenizers.pipeline.BosEosProcessor;
import io.fundamentallm.tokenizers.pipeline.Pipeline;
import io.fundamentallm.tokenizers.pipeline.TokenForms;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds {@code .model} files and writes them: the bytes that were read as {@code tokenizer.model},
 * and {@code tokenizer_config.json} beside it.
 */
public final class SentencePieceFiles implements Pipeline.Files {
  /** What published models call the file. */
  private static final List<String> NAMES =
      List.of(
          "tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "spm.model", "source.spm");

  /** The tag of field 1, the pieces, which SentencePiece writes first. */
  private static final byte FIRST_TAG = 0x0A;

  private final byte[] bytes;
  private final SentencePieceModel model;
  private final TokenForms.Roles roles;
  private final BosEosProcessor boundary;
  private final @Nullable String chatTemplate;

  SentencePieceFiles(
      byte[] bytes,
      SentencePieceModel model,
      TokenForms.Roles roles,
      BosEosProcessor boundary,
      @Nullable String chatTemplate) {
    this.bytes = bytes;
    this.model = model;
    this.roles = roles;
    this.boundary = boundary;
    this.chatTemplate = chatTemplate;
  }

  /**
   * The file itself, or the only one in a directory.
   *
   * @throws IOException if there is none, or more than one, or it is another kind of file
   */
  public static Path find(Path path) throws IOException {
    Path file = Files.isDirectory(path) ? only(path) : path;
    String name = String.valueOf(file.getFileName());
    if (!Files.isRegularFile(file) || !(name.endsWith(".model") || name.endsWith(".spm"))) {
      throw new IOException(path + " is neither a directory nor a .model file");
    }
    GitLfsPointer.refuse(file);
    try (InputStream in = Files.newInputStream(file)) {
      requireModel(file, in.readNBytes(64));
    }
    return file;
  }

  private static Path only(Path directory) throws IOException {
    List<Path> found = NAMES.stream().map(directory::resolve).filter(Files::isRegularFile).toList();
    if (found.size() != 1) {
      throw new IOException(
          directory + " has " + found.size() + " of the files " + NAMES + "; expected exactly one");
    }
    return found.get(0);
  }

  /** Refuses lines of tokens and ranks, which Llama 3 gives the name tokenizer.model too. */
  static void requireModel(Path file, byte[] beginning) throws IOException {
    if (beginning.length > 0 && beginning[0] != FIRST_TAG && isTokenAndRank(beginning)) {
      throw new IOException(
          file
              + ", byte 0: not a SentencePiece model but tokens and their ranks, as in tiktoken;"
              + " that kind reads it if the encoding is given, tiktoken(encoding=...)");
    }
  }

  /** Whether this is Base64, a space and a digit. */
  private static boolean isTokenAndRank(byte[] bytes) {
    int at = 0;
    while (at < bytes.length && isBase64(bytes[at])) {
      at++;
    }
    return at > 0 && at + 1 < bytes.length && bytes[at] == ' ' && isDigit(bytes[at + 1]);
  }

  private static boolean isBase64(byte b) {
    int lower = b | 0x20;
    return (lower >= 'a' && lower <= 'z') || isDigit(b) || b == '+' || b == '/' || b == '=';
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  @Override
  public void write(Path directory) throws IOException {
    AtomicFile.write(directory.resolve(NAMES.get(0)), ByteBuffer.wrap(bytes));
    JsonFile.write(directory.resolve(TokenizerConfig.NAME), this::writeConfig);
  }

  @Override
  public GgufTokenizer gguf(Pipeline parts) {
    return SentencePieceGguf.of(parts, model, chatTemplate);
  }

  @Override
  public void writeJson(Pipeline parts, Path directory) throws IOException {
    SentencePieceJson form = SentencePieceJson.of(parts, model, boundary);
    JsonFile.write(directory.resolve("tokenizer.json"), form::write);
  }

  private void writeConfig(JsonGenerator json) throws IOException {
    json.writeStartObject();
    writeRole(json, "bos_token", roles.bos());
    writeRole(json, "eos_token", roles.eos());
    writeRole(json, "pad_token", roles.pad());
    writeRole(json, "unk_token", roles.unk());
    json.writeBooleanField("add_bos_token", boundary.bos() >= 0);
    json.writeBooleanField("add_eos_token", boundary.eos() >= 0);
    if (chatTemplate != null) {
      json.writeStringField("chat_template", chatTemplate);
    }
    json.writeEndObject();
  }

  private void writeRole(JsonGenerator json, String role, @Nullable Integer id) throws IOException {
    json.writeStringField(role, id == null ? null : model.piece(id));
  }
}
