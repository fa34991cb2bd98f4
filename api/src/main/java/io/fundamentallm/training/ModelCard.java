package io.fundamentallm.training;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

/**
 * What the model's card says that a training cannot know. The card is the {@code README.md} of the
 * model directory, in Hugging Face's layout: data, recipe, curve, evaluation and licence, with the
 * fields that the hub reads in front. Trainers write it with the model, unless the plan asks for
 * {@linkplain #none none}. They never replace a file that somebody else wrote, or edited after
 * removing its first line of comment.
 *
 * <pre>{@code
 * TrainingPlan.builder(directory)
 *     .card(ModelCard.DEFAULT.withLicense("apache-2.0").withLanguages("en"))
 * }</pre>
 *
 * @param written whether there is a card
 * @param license by the hub's identifier, such as {@code apache-2.0}; {@code unknown} by default
 * @param languages of the text, by their codes of ISO 639, such as {@code en}
 * @param datasets by their names on the hub
 * @param tags besides the library's and the architecture's
 * @param baseModel the hub's name of the model that was tuned; empty if there is none, or it is not
 *     on the hub
 * @param description a paragraph of Markdown about the model; may be empty
 */
public record ModelCard(
    boolean written,
    String license,
    List<String> languages,
    List<String> datasets,
    List<String> tags,
    Optional<String> baseModel,
    String description) {
  /** A card that says only what the training shows. */
  public static final ModelCard DEFAULT =
      new ModelCard(true, "unknown", List.of(), List.of(), List.of(), Optional.empty(), "");

  /** Keeps its own copies of the lists. */
  public ModelCard {
    requireNonNull(license, "license");
    languages = List.copyOf(languages);
    datasets = List.copyOf(datasets);
    tags = List.copyOf(tags);
    requireNonNull(baseModel, "baseModel");
    requireNonNull(description, "description");
  }

  /** No card. */
  public static ModelCard none() {
    return new ModelCard(false, "unknown", List.of(), List.of(), List.of(), Optional.empty(), "");
  }

  /** With a licence. */
  public ModelCard withLicense(String license) {
    return new ModelCard(written, license, languages, datasets, tags, baseModel, description);
  }

  /** With the languages of the text. */
  public ModelCard withLanguages(String... languages) {
    return new ModelCard(
        written, license, List.of(languages), datasets, tags, baseModel, description);
  }

  /** With the data sets that the text comes from. */
  public ModelCard withDatasets(String... datasets) {
    return new ModelCard(
        written, license, languages, List.of(datasets), tags, baseModel, description);
  }

  /** With more tags. */
  public ModelCard withTags(String... tags) {
    return new ModelCard(
        written, license, languages, datasets, List.of(tags), baseModel, description);
  }

  /** With the model that was tuned. */
  public ModelCard withBaseModel(String baseModel) {
    return new ModelCard(
        written, license, languages, datasets, tags, Optional.of(baseModel), description);
  }

  /** With a paragraph about the model. */
  public ModelCard withDescription(String description) {
    return new ModelCard(written, license, languages, datasets, tags, baseModel, description);
  }

  /**
   * What writes the card in {@link TrainingListener#onEnd}; for trainers, which call that before
   * other listeners hear that all is written. It throws an {@link java.io.UncheckedIOException}
   * when the card cannot be written, and may be called again then.
   *
   * @param plan with nothing open
   */
  public TrainingListener writer(TrainingData data, TrainingPlan plan) {
    return written ? new CardWriter(this, data, plan) : new TrainingListener() {};
  }
}
