package io.fundamentallm.chat;

import io.fundamentallm.internal.chat.ArgumentTags;
import io.fundamentallm.internal.chat.ChatSyntax;
import io.fundamentallm.internal.chat.Marker;
import io.fundamentallm.text.ChatTool;
import io.fundamentallm.text.Vocabulary;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Predicate;

/**
 * What an answer may consist of.
 *
 * @param syntax how calls and thinking are written
 * @param tools that it may call; none if calls are not read
 * @param thinks whether thinking is read
 * @param thinking whether it begins within thinking
 * @param document whether its text is one JSON value, within which no marker is one
 * @param held whether no marker is one behind the first character of its text
 */
record AnswerLayout(
    ChatSyntax syntax,
    List<ChatTool> tools,
    boolean thinks,
    boolean thinking,
    boolean document,
    boolean held) {
  /**
   * The markers, as the vocabulary has them.
   *
   * @param thinkingOpen begins thinking
   * @param thinkingClose ends it
   * @param silent not part of the text around them
   * @param open each begins a section of calls
   * @param before begins a call; empty if its name does
   * @param close ends a section; empty if the call itself does
   * @param quote around strings; empty in JSON
   * @param after ends a call
   * @param tags around an argument; empty if it has none
   */
  record Markers(
      Marker thinkingOpen,
      Marker thinkingClose,
      List<Marker> silent,
      List<Marker> open,
      Marker before,
      Marker close,
      Marker quote,
      Marker after,
      Tags tags) {}

  /**
   * The markers of an argument, as {@link ArgumentTags} has them.
   *
   * @param name before the name
   * @param text behind the name of a text
   * @param json behind any other's
   * @param value before the value; may be empty
   * @param end behind the value
   */
  record Tags(Marker name, Marker text, Marker json, Marker value, Marker end) {}

  Markers markers(Vocabulary vocabulary) {
    Predicate<String> isSpecial =
        form -> {
          OptionalInt id = vocabulary.id(form);
          return id.isPresent() && vocabulary.special().contains(id.getAsInt());
        };
    return new Markers(
        Marker.of(syntax.thinkingOpen(), isSpecial),
        Marker.of(syntax.thinkingClose(), isSpecial),
        syntax.silent().stream().map(text -> Marker.of(text, isSpecial)).toList(),
        syntax.open().stream().map(text -> Marker.of(text, isSpecial)).toList(),
        Marker.of(syntax.call().before(), isSpecial),
        Marker.of(syntax.close(), isSpecial),
        Marker.of(syntax.call().quote(), isSpecial),
        Marker.of(syntax.call().after(), isSpecial),
        tags(syntax.call().tags(), isSpecial));
  }

  private static Tags tags(ArgumentTags tags, Predicate<String> isSpecial) {
    return new Tags(
        Marker.of(tags.name(), isSpecial),
        Marker.of(tags.text(), isSpecial),
        Marker.of(tags.json(), isSpecial),
        Marker.of(tags.value(), isSpecial),
        Marker.of(tags.end(), isSpecial));
  }
}
