import type { ReactNode } from 'react';
import { usePage } from '../scope.ts';
import { Plain } from '../text/text.tsx';
import type { Image } from './shapes.ts';

interface Props {
  readonly image: Image;
  readonly className?: string;
}

/** A picture by its address, or a file of the workspace: by id or by any address that Slack gave it. */
export const ImageView = ({ image, className }: Props): ReactNode => {
  const { files } = usePage();
  const { id, url } = image.slack_file ?? {};
  const file =
    id === undefined ? [...files.values()].find((one) => url !== undefined && one.names.includes(url)) : files.get(id);
  const source = image.image_url ?? file?.url;
  if (source === undefined) return <span className="missing-file">{image.alt_text} (the file is gone)</span>;
  return <img className={className} src={source} alt={image.alt_text} />;
};

/** An image block: the picture with its title. */
export const Picture = ({ image }: { readonly image: Image }): ReactNode => (
  <figure className="picture">
    {image.title && (
      <figcaption>
        <Plain text={image.title.text} />
      </figcaption>
    )}
    <ImageView image={image} />
  </figure>
);
