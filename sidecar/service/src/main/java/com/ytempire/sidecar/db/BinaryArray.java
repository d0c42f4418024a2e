package com.ytempire.sidecar.db;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.Oid;
import org.postgresql.jdbc.PgArray;

/**
 * Writes values as one array in PostgreSQL's binary format ({@code array_recv} and the {@code
 * _recv} function of each element). The driver writes days, times and decimal numbers as text,
 * which took more time on both sides than all else that is done to them.
 */
public final class BinaryArray {
  private static final LocalDate DAY_0 = LocalDate.of(2000, 1, 1);
  private static final Instant MOMENT_0 = Instant.parse("2000-01-01T00:00:00Z");
  private static final int NUMERIC_POSITIVE = 0x0000;
  private static final int NUMERIC_NEGATIVE = 0x4000;
  private static final int NUMERIC_BASE = 10_000;
  private static final int NUMERIC_BASE_DIGITS = 4;

  private BinaryArray() {}

  /** The type of an array's elements, and the class of its values. */
  public enum Element {
    /** Of {@link String}. */
    TEXT(Oid.TEXT, Oid.TEXT_ARRAY),
    /** Of {@link LocalDate}. */
    DATE(Oid.DATE, Oid.DATE_ARRAY),
    /** Of {@link Instant}. */
    TIMESTAMPTZ(Oid.TIMESTAMPTZ, Oid.TIMESTAMPTZ_ARRAY),
    /** Of {@link Long}. */
    INT8(Oid.INT8, Oid.INT8_ARRAY),
    /** Of {@link Boolean}. */
    BOOL(Oid.BOOL, Oid.BOOL_ARRAY),
    /** Of {@link String}. */
    JSONB(Oid.JSONB, Oid.JSONB_ARRAY),
    /** Of {@link BigDecimal}. */
    NUMERIC(Oid.NUMERIC, Oid.NUMERIC_ARRAY),
    /** Of {@link UUID}. */
    UUID(Oid.UUID, Oid.UUID_ARRAY);

    private final int oid;
    private final int arrayOid;

    Element(int oid, int arrayOid) {
      this.oid = oid;
      this.arrayOid = arrayOid;
    }
  }

  /**
   * An array as a parameter of a statement on a connection.
   *
   * @param value by its index; null: null
   */
  public static Array of(
      Connection connection, Element element, int size, IntFunction<@Nullable Object> value)
      throws SQLException {
    return new PgArray(
        connection.unwrap(BaseConnection.class), element.arrayOid, bytes(element, size, value));
  }

  private static byte[] bytes(Element element, int size, IntFunction<@Nullable Object> value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(20 + size * 12);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      boolean hasNull = false;
      for (int i = 0; i < size; i++) {
        hasNull |= value.apply(i) == null;
      }
      out.writeInt(1);
      out.writeInt(hasNull ? 1 : 0);
      out.writeInt(element.oid);
      out.writeInt(size);
      out.writeInt(1);
      for (int i = 0; i < size; i++) {
        @Nullable Object each = value.apply(i);
        if (each == null) {
          out.writeInt(-1);
        } else {
          write(out, element, each);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(DataOutputStream out, Element element, Object value)
      throws IOException {
    switch (element) {
      case TEXT -> {
        byte[] text = ((String) value).getBytes(StandardCharsets.UTF_8);
        out.writeInt(text.length);
        out.write(text);
      }
      case JSONB -> {
        byte[] text = ((String) value).getBytes(StandardCharsets.UTF_8);
        out.writeInt(text.length + 1);
        // The version of jsonb's format.
        out.writeByte(1);
        out.write(text);
      }
      case DATE -> {
        out.writeInt(Integer.BYTES);
        out.writeInt((int) ChronoUnit.DAYS.between(DAY_0, (LocalDate) value));
      }
      case TIMESTAMPTZ -> {
        out.writeInt(Long.BYTES);
        out.writeLong(ChronoUnit.MICROS.between(MOMENT_0, (Instant) value));
      }
      case INT8 -> {
        out.writeInt(Long.BYTES);
        out.writeLong((Long) value);
      }
      case BOOL -> {
        out.writeInt(1);
        out.writeByte((Boolean) value ? 1 : 0);
      }
      case NUMERIC -> numeric(out, (BigDecimal) value);
      case UUID -> {
        out.writeInt(2 * Long.BYTES);
        out.writeLong(((UUID) value).getMostSignificantBits());
        out.writeLong(((UUID) value).getLeastSignificantBits());
      }
    }
  }

  /** As {@code numeric_recv} reads it: digits to the base 10,000, most significant first. */
  private static void numeric(DataOutputStream out, BigDecimal value) throws IOException {
    int scale = value.scale();
    int padding = Math.floorMod(-scale, NUMERIC_BASE_DIGITS);
    BigInteger padded = value.unscaledValue().abs().multiply(BigInteger.TEN.pow(padding));
    int fractions = (scale + padding) / NUMERIC_BASE_DIGITS;
    short[] digits = new short[padded.bitLength() / 13 + 1];
    int first = digits.length;
    if (padded.bitLength() < Long.SIZE) {
      for (long left = padded.longValue(); left > 0; left /= NUMERIC_BASE) {
        digits[--first] = (short) (left % NUMERIC_BASE);
      }
    } else {
      BigInteger base = BigInteger.valueOf(NUMERIC_BASE);
      for (BigInteger left = padded; left.signum() > 0; ) {
        BigInteger[] parts = left.divideAndRemainder(base);
        digits[--first] = parts[1].shortValue();
        left = parts[0];
      }
    }
    int count = digits.length - first;
    out.writeInt(4 * Short.BYTES + count * Short.BYTES);
    out.writeShort(count);
    out.writeShort(count - fractions - 1);
    out.writeShort(value.signum() < 0 ? NUMERIC_NEGATIVE : NUMERIC_POSITIVE);
    out.writeShort(scale);
    for (int i = first; i < digits.length; i++) {
      out.writeShort(digits[i]);
    }
  }
}
