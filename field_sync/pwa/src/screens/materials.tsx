/** What was used up on the job: a short list, each with its number. */

import { Icon } from "../parts/icons";
import type { Material } from "../wire";
import { t } from "../words/words";

const MATERIALS_MAX = 100;

/** Keep the lines that say something. */
export function writtenMaterials(list: readonly Material[]): Material[] {
  return list.filter((material) => material.name.trim() !== "" && material.quantity > 0);
}

export function Materials(props: {
  list: readonly Material[];
  onList: (list: readonly Material[]) => void;
}) {
  const { list, onList } = props;
  const words = t.value.materials;
  const change = (at: number, change: Partial<Material>) =>
    onList(list.map((each, index) => (index === at ? { ...each, ...change } : each)));
  return (
    <fieldset class="materials">
      <legend>{words.title}</legend>
      {list.map((material, at) => (
        <Line key={at} material={material} onChange={(made) => change(at, made)} />
      ))}
      {list.length < MATERIALS_MAX && (
        <button
          type="button"
          class="button"
          onClick={() => onList([...list, { name: "", quantity: 1, unit: words.piece }])}
        >
          {words.add}
        </button>
      )}
    </fieldset>
  );
}

function Line(props: { material: Material; onChange: (made: Partial<Material>) => void }) {
  const { material, onChange } = props;
  const words = t.value.materials;
  return (
    <div class="material">
      <input
        aria-label={words.name}
        placeholder={words.name}
        value={material.name}
        maxLength={200}
        onInput={(event) => onChange({ name: event.currentTarget.value })}
      />
      <Quantity value={material.quantity} onValue={(quantity) => onChange({ quantity })} />
      <input
        class="unit"
        aria-label={words.unit}
        value={material.unit ?? ""}
        maxLength={40}
        onInput={(event) => onChange({ unit: event.currentTarget.value || words.piece })}
      />
      <button
        type="button"
        class="quiet"
        aria-label={words.remove(material.name)}
        onClick={() => onChange({ name: "", quantity: 0 })}
      >
        <Icon name="erase" />
      </button>
    </div>
  );
}

function Quantity({ value, onValue }: { value: number; onValue: (value: number) => void }) {
  return (
    <input
      class="quantity"
      aria-label={t.value.materials.quantity}
      type="number"
      inputMode="decimal"
      min="0"
      max="100000"
      step="any"
      value={value}
      onInput={(event) => onValue(event.currentTarget.valueAsNumber || 0)}
    />
  );
}
