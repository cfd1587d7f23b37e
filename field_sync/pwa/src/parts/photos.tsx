/** Photos: the button that takes one, and those that were taken, seen from this phone's store. */

import { useEffect, useState } from "preact/hooks";
import { fileUrl, type OwnFile } from "../session";
import { t } from "../words/words";
import { Icon } from "./icons";

/** Open the camera; where there is none, the phone's pictures. */
export function PhotoButton(props: {
  label: string;
  onFile: (file: File) => void;
  busy?: boolean;
}) {
  const take = (event: { currentTarget: HTMLInputElement }) => {
    const input = event.currentTarget;
    const file = input.files?.[0];
    // The same picture again would not be heard of as a change.
    input.value = "";
    if (file !== undefined) props.onFile(file);
  };
  return (
    <label class="button photo" aria-busy={props.busy}>
      <Icon name="camera" />
      <span>{props.label}</span>
      <input
        class="unseen"
        type="file"
        accept="image/*"
        capture="environment"
        disabled={props.busy}
        onChange={take}
      />
    </label>
  );
}

/** The photos of an order, with what has become of each. */
export function PhotoStrip({ files }: { files: readonly OwnFile[] }) {
  if (files.length === 0) return null;
  return (
    <ul class="photos">
      {files.map((file) => (
        <li key={file.sha256}>
          <Thumbnail file={file} />
          <span class={`mark ${file.state}`}>
            <Icon name={ICONS[file.state]} />
            {t.value.files[file.state]}
          </span>
        </li>
      ))}
    </ul>
  );
}

const ICONS = { waiting: "waiting", arrived: "check", refused: "warning" } as const;

function Thumbnail({ file }: { file: OwnFile }) {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    let gone = false;
    let made: string | null = null;
    void fileUrl(file).then((found) => {
      made = found;
      if (!gone) setUrl(found);
      else if (found !== null) URL.revokeObjectURL(found);
    });
    return () => {
      gone = true;
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [file.sha256]);
  const word = t.value.evidence[file.kind];
  return url === null ? (
    <span class="no-picture">{word}</span>
  ) : (
    <img src={url} alt={word} width="96" height="96" decoding="async" />
  );
}
