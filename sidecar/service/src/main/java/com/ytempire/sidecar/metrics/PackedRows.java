package com.ytempire.sidecar.metrics;

import com.ytempire.sidecar.web.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.annotation.JsonSerialize;

/**
 * Rows as deflated JSON.
 *
 * @param content an array of rows, deflated (RFC 1950)
 * @param sizeBytes of the array before it was deflated
 * @param kinds of the rows, in alphabetical order
 */
@JsonSerialize(using = PackedRows.ArraySerializer.class)
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record PackedRows(byte[] content, int rowCount, long sizeBytes, List<String> kinds) {

  /** Packs rows. Deflates for speed: rows of one batch repeat their field names. */
  static PackedRows of(List<FetchedRow> rows) {
    Deflater deflater = new Deflater(Deflater.BEST_SPEED);
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(content, deflater)) {
      Json.MAPPER.writeValue(out, rows);
      out.finish();
      return new PackedRows(
          content.toByteArray(),
          rows.size(),
          deflater.getBytesRead(),
          rows.stream().map(row -> row.kind().label()).distinct().sorted().toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      deflater.end();
    }
  }

  /** Held rows that are not what was held. */
  static final class DamagedRows extends Exception {
    private static final long serialVersionUID = 1;

    DamagedRows(String message) {
      super(message);
    }
  }

  /** Writes the array of rows, a piece after the other. */
  static final class ArraySerializer extends ValueSerializer<PackedRows> {
    private static final int PIECE = 8192;

    @Override
    public void serialize(PackedRows rows, JsonGenerator out, SerializationContext context) {
      char[] piece = new char[PIECE];
      try (Reader reader =
          new InputStreamReader(
              new InflaterInputStream(new ByteArrayInputStream(rows.content())),
              StandardCharsets.UTF_8)) {
        out.writeRawValue("");
        for (int length = reader.read(piece); length >= 0; length = reader.read(piece)) {
          out.writeRaw(piece, 0, length);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /**
   * Unpacks the JSON array of a content that {@link #of} made, in UTF-8.
   *
   * @param sizeBytes that the array has, so that no more than that is ever unpacked
   * @throws Damaged when the content is none, or not of this size
   */
  static byte[] json(byte[] content, long sizeBytes) throws DamagedRows {
    try (InputStream in = new InflaterInputStream(new ByteArrayInputStream(content))) {
      byte[] json = in.readNBytes(Math.toIntExact(sizeBytes));
      if (json.length < sizeBytes || in.read() >= 0) {
        throw new DamagedRows("held rows are not of the size that is noted of them");
      }
      return json;
    } catch (IOException e) {
      throw new DamagedRows("held rows cannot be unpacked: " + e.getMessage());
    }
  }
}
