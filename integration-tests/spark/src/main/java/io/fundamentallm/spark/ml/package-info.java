/**
 * Stages for pipelines of Spark ML: {@link io.fundamentallm.spark.ml.TextScoring}, {@link
 * io.fundamentallm.spark.ml.TextGeneration}, {@link io.fundamentallm.spark.ml.TextEmbedding} and
 * {@link io.fundamentallm.spark.ml.TextTokenization}. They add what the classes of {@link
 * io.fundamentallm.spark} add, and all that they need is in their parameters, which are texts and
 * numbers: Python and JSON can set them, and {@code save} writes them, but never a model.
 *
 * <p>They need {@code spark-mllib}, which an installation of Spark has.
 */
@NullMarked
package io.fundamentallm.spark.ml;

import org.jspecify.annotations.NullMarked;
