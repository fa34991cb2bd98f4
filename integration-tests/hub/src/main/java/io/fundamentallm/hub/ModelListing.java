package io.fundamentallm.hub;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What the hub says of a repository at one revision.
 *
 * @param commit the 40 digits that name its state
 * @param files all names
 */
record ModelListing(String commit, List<String> files) {
  private static final JsonFactory JSON = new JsonFactory();

  /** Where an object begins that does not end; Jackson says it in words of its own. */
  private static final String START_MARKER = " \\(start marker at .*";

  /** Reads the answer of {@code /api/models/NAME/revision/REVISION}. */
  static ModelListing parse(String json, String repository) throws IOException {
    String commit = "";
    List<String> files = new ArrayList<>();
    try (JsonParser in = JSON.createParser(json)) {
      if (in.nextToken() != JsonToken.START_OBJECT) {
        throw unexpected(repository, "no JSON object");
      }
      for (String field = in.nextFieldName(); field != null; field = in.nextFieldName()) {
        JsonToken value = in.nextToken();
        if (field.equals("sha") && value == JsonToken.VALUE_STRING) {
          commit = in.getText();
        } else if (field.equals("siblings") && value == JsonToken.START_ARRAY) {
          while (in.nextToken() == JsonToken.START_OBJECT) {
            readFile(in, files);
          }
        } else {
          in.skipChildren();
        }
      }
    } catch (JsonProcessingException e) {
      throw unexpected(repository, e.getOriginalMessage().replaceFirst(START_MARKER, ""));
    }
    if (!RepositoryName.isCommit(commit)) {
      throw unexpected(repository, "no commit of 40 digits in \"sha\"");
    }
    for (String name : files) {
      if (!RemoteFile.isSafeName(name)) {
        throw unexpected(repository, "a file named \"" + name + "\"");
      }
    }
    return new ModelListing(commit, List.copyOf(files));
  }

  private static void readFile(JsonParser in, List<String> files) throws IOException {
    for (String field = in.nextFieldName(); field != null; field = in.nextFieldName()) {
      JsonToken value = in.nextToken();
      if (field.equals("rfilename") && value == JsonToken.VALUE_STRING) {
        files.add(in.getText());
      } else {
        in.skipChildren();
      }
    }
  }

  private static IOException unexpected(String repository, String what) {
    return new IOException("the hub describes " + repository + " in a way not known here: " + what);
  }
}
